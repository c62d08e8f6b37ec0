package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.mirror4j.method.whiten.WhiteningListener;

/** Tells people or programs how a calibration goes, at most every few seconds. */
final class ConsoleWhiteningListener implements WhiteningListener {
  private static final double SECONDS_BETWEEN = 5;

  private final Console console;
  private double told;

  ConsoleWhiteningListener(Console console) {
    this.console = console;
  }

  @Override
  public void settings(ObjectNode settings) {
    console.settings(settings);
  }

  @Override
  public void notice(String message) {
    console.notice(message);
  }

  @Override
  public void warning(String message) {
    console.warning(message);
  }

  /** The first is told too: from it the time that is left is known. */
  @Override
  public void progress(String what, long done, long of, double seconds) {
    if (done == of || (told > 0 && seconds - told < SECONDS_BETWEEN && seconds >= told)) {
      return;
    }
    told = seconds;
    double left = seconds / done * (of - done);
    if (console.json()) {
      console.event(
          "progress",
          Console.object()
              .put(what, done)
              .put("of", of)
              .put("seconds", seconds)
              .put("secondsLeft", left));
    } else {
      console.notice("%,d of %,d %s, about %s left".formatted(done, of, what, Units.seconds(left)));
    }
  }
}
