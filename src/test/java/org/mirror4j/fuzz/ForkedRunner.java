package org.mirror4j.fuzz;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads inputs in a process of its own, which native code may end and which has little memory. A
 * process that dies or hangs is a bad ending of the input at hand; another goes on behind it.
 */
final class ForkedRunner implements FuzzRunner {
  /** The start of a process, class loading and native libraries. */
  private static final long START_NANOS = 120_000_000_000L;

  /** A reader that ends more of them has a fault that is found by now. */
  private static final int MOST_PROCESSES = 20;

  private static final String END = "end";

  private final String format;

  ForkedRunner(String format) {
    this.format = format;
  }

  @Override
  public void run(long from, long to, Consumer<Ending> endings) {
    long next = from;
    for (int processes = 0; next < to && processes < MOST_PROCESSES; processes++) {
      next = runOne(next, to, endings);
    }
  }

  /** Runs one process to its end; the number that comes next. */
  private long runOne(long from, long to, Consumer<Ending> endings) {
    Process process = start(from, to);
    BlockingQueue<String> lines = new ArrayBlockingQueue<>(1024);
    Thread reading = Thread.ofPlatform().daemon().start(() -> read(process, lines));
    long next = from;
    long patience = START_NANOS;
    try {
      while (true) {
        String line = lines.poll(patience, TimeUnit.NANOSECONDS);
        if (line == null || line.equals(END)) {
          if (next < to) {
            String what = line == null ? "no end" : "the process ended with " + process.waitFor();
            endings.accept(Ending.bad(next, what, line == null ? patience : 0));
            next++;
          }
          return next;
        }
        if (line.matches("\\d+ (ACCEPTED|REFUSED|BAD) .*")) {
          Ending ending = Ending.parse(line);
          endings.accept(ending);
          next = ending.number() + 1;
        }
        patience = PATIENCE_NANOS;
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      process.destroyForcibly();
      reading.interrupt();
    }
  }

  private Process start(long from, long to) {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:ErrorFile=/dev/null",
            "-cp",
            classPath(),
            FuzzWorker.class.getName(),
            format,
            Long.toString(from),
            Long.toString(to));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OMP_NUM_THREADS", "1");
    try {
      return builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where the tests are loaded from, which the property need not name. */
  private static String classPath() {
    if (FuzzWorker.class.getClassLoader() instanceof URLClassLoader loader) {
      return Stream.of(loader.getURLs())
          .map(URL::getPath)
          .collect(Collectors.joining(File.pathSeparator));
    }
    return System.getProperty("java.class.path");
  }

  private static void read(Process process, BlockingQueue<String> lines) {
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.put(line);
      }
      lines.put(END);
    } catch (IOException e) {
      lines.offer(END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    // A process ends with its range.
  }
}
