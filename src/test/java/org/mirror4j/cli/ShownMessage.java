package org.mirror4j.cli;

/** The line that a user sees of a failure, for tests of other packages. */
public final class ShownMessage {
  private ShownMessage() {}

  /** As the command line shows it. */
  public static String of(Throwable failure) {
    return Failures.message(failure);
  }
}
