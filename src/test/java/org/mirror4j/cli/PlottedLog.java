package org.mirror4j.cli;

import java.nio.file.Path;

/** The command that draws a log, for tests of other packages. */
public final class PlottedLog {
  private PlottedLog() {}

  /**
   * Draws a log.
   *
   * @throws IllegalArgumentException with what the command says when it refuses
   */
  public static void draw(Path log, Path picture) {
    CommandRun run = CommandRun.of("plot", "--log", log, "--output", picture);
    if (run.exit() == 1) {
      throw new IllegalArgumentException(run.err().strip().replaceFirst("^mirror4j: ", ""));
    } else if (run.exit() != 0) {
      throw new IllegalStateException("exit " + run.exit() + ": " + run.err());
    }
  }
}
