package org.mirror4j.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

/** The folder of an unfinished run, for tests of other packages. */
public final class RunFiles {
  private RunFiles() {}

  /** Settings as a run stores them. */
  public static ObjectNode settings() {
    return new ObjectMapper()
        .createObjectNode()
        .put("recipe", "word")
        .put("corpus", "corpus.txt")
        .put("dataHash", "sha256:ab")
        .put("steps", 9)
        .put("learningRate", 2e-5)
        .put("seed", 42);
  }

  /** Goes on with the run of an output that has done five steps. */
  public static void resume(Path output) {
    RunDirectory run = RunDirectory.open(output, settings(), new RunOptions(1, true, false));
    run.openLog(5).close();
  }
}
