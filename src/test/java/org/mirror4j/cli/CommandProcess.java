package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A command in a process of its own, what it says in files. */
final class CommandProcess implements AutoCloseable {
  private static final Duration MOST = Duration.ofMinutes(2);

  private final Process process;
  private final Path out;
  private final Path err;

  private CommandProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** Whether something has come that is waited for. */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws IOException;
  }

  /** How a command is started. */
  static ProcessBuilder builder(List<String> javaOptions, Object... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC"));
    command.addAll(javaOptions);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    Arrays.stream(arguments).map(Object::toString).forEach(command::add);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OMP_NUM_THREADS", "1");
    return builder;
  }

  /**
   * Starts one.
   *
   * @param folder for what it says
   */
  static CommandProcess start(Path folder, ProcessBuilder builder) throws IOException {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    return new CommandProcess(process, out, err);
  }

  /** What it has said on standard error. */
  String err() throws IOException {
    return Files.readString(err);
  }

  /** Waits for something that comes before its end. */
  void await(Condition condition) throws IOException, InterruptedException {
    long end = System.nanoTime() + MOST.toNanos();
    while (!condition.holds()) {
      assertThat(process.isAlive() && System.nanoTime() < end).as(err()).isTrue();
      Thread.sleep(20);
    }
  }

  /** Waits for its end. */
  CommandRun end() throws IOException, InterruptedException {
    assertThat(process.waitFor(MOST)).as(err()).isTrue();
    return new CommandRun(process.exitValue(), Files.readString(out), err());
  }

  /**
   * Sends it a signal and waits for its end.
   *
   * @param signal {@code INT} or another that ends it
   */
  CommandRun end(String signal) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-s", signal, Long.toString(process.pid())).start().waitFor();
    return end();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
