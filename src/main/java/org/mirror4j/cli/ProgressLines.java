package org.mirror4j.cli;

import org.mirror4j.file.JsonFiles;

/** Says how far something is that takes long, at most every few seconds. */
final class ProgressLines {
  private static final double SECONDS_BETWEEN = 5;

  private final Console console;
  private double told;

  ProgressLines(Console console) {
    this.console = console;
  }

  /**
   * So many are done. The first is told too: from it the time that is left is known.
   *
   * @param what is done, in the plural
   * @param seconds since the first
   */
  void progress(String what, long done, long of, double seconds) {
    if (done == of || (told > 0 && seconds - told < SECONDS_BETWEEN && seconds >= told)) {
      return;
    }
    told = seconds;
    double left = seconds / done * (of - done);
    if (console.json()) {
      console.event(
          "progress",
          JsonFiles.object()
              .put(what, done)
              .put("of", of)
              .put("seconds", seconds)
              .put("secondsLeft", left));
    } else {
      console.notice("%,d of %,d %s, about %s left".formatted(done, of, what, Units.seconds(left)));
    }
  }
}
