package org.mirror4j.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

/** The folder of an unfinished run, for tests of other packages. */
public final class RunFiles {
  private RunFiles() {}

  private static ObjectNode settings() {
    return new ObjectMapper()
        .createObjectNode()
        .put("recipe", "word")
        .put("corpus", "corpus.txt")
        .put("dataHash", "sha256:ab")
        .put("steps", 9)
        .put("learningRate", 2e-5)
        .put("seed", 42);
  }

  /** The content of {@code settings.json}. */
  public static ObjectNode stored() {
    ObjectNode json =
        new ObjectMapper()
            .createObjectNode()
            .put("kind", "run of mirror4j")
            .put("overwrite", false);
    json.set("settings", settings());
    return json;
  }

  /** Goes on with the run of an output that has done five steps. */
  public static void resume(Path output) {
    try (RunDirectory run = RunDirectory.lock(output, new RunOptions(1, true, false))) {
      run.begin(settings());
      StepLog.open(run.log(), 5).close();
    }
  }
}
