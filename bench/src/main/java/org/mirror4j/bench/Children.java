package org.mirror4j.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mirror4j.bench.contest.Checkout;

/** Programs that are run to their end, outside of JMH. */
final class Children {
  private Children() {}

  /** What a main class of this module prints, on a JVM of its own. */
  static String java(Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-Dai.djl.offline=true",
            "-D" + Checkout.PROPERTY + "=" + Checkout.path("").toAbsolutePath(),
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()));
    command.addAll(List.of(arguments));
    return output(command);
  }

  /**
   * What a command prints.
   *
   * @throws IllegalStateException if it fails
   */
  static String output(List<String> command) throws IOException {
    return output(
        command, new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT));
  }

  /**
   * Runs a command whose notices are of no interest.
   *
   * @throws IllegalStateException if it fails
   */
  static void run(List<String> command) throws IOException {
    output(command, new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD));
  }

  private static String output(List<String> command, ProcessBuilder builder) throws IOException {
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      int status = process.waitFor();
      if (status != 0) {
        throw new IllegalStateException(command + " ended with status " + status);
      }
    } catch (InterruptedException problem) {
      throw new IllegalStateException(command + " was interrupted", problem);
    }
    return output;
  }
}
