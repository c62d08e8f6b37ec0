package org.mirror4j.fuzz;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The process behind {@link ForkedRunner}: a line on standard output for each input. */
final class FuzzWorker {
  private FuzzWorker() {}

  /** Format, first number, number behind the last. */
  public static void main(String[] arguments) {
    FuzzTarget target = FuzzTargets.named(arguments[0]);
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    // What a library prints is no ending.
    System.setOut(System.err);
    try (FuzzCase one = new FuzzCase(target)) {
      long to = Long.parseLong(arguments[2]);
      // Nobody reads on where the other process has ended.
      for (long n = Long.parseLong(arguments[1]); n < to && !out.checkError(); n++) {
        out.println(one.end(n).line());
      }
    }
  }
}
