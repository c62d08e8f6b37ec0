package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.mirror4j.method.whiten.WhiteningListener;

/** Tells people or programs how a calibration goes. */
final class ConsoleWhiteningListener implements WhiteningListener {
  private final Console console;
  private final ProgressLines lines;

  ConsoleWhiteningListener(Console console) {
    this.console = console;
    lines = new ProgressLines(console);
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

  @Override
  public void progress(String what, long done, long of, double seconds) {
    lines.progress(what, done, of, seconds);
  }
}
