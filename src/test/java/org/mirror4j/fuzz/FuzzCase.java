package org.mirror4j.fuzz;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.mirror4j.cli.ShownMessage;
import org.mirror4j.file.AtomicFiles;

/** Reads inputs one by one and says how each ended. */
final class FuzzCase implements AutoCloseable {
  /** Time of the processor that one input may take. */
  static final long MOST_NANOS = 2_000_000_000L;

  static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final Path MEMORY = Path.of("/dev/shm");

  private final FuzzTarget target;
  private final FuzzGenerator generator;
  private final Path root;
  private int made;

  FuzzCase(FuzzTarget target) {
    this.target = target;
    this.generator = new FuzzGenerator(target);
    try {
      this.root =
          Files.isWritable(MEMORY)
              ? Files.createTempDirectory(MEMORY, "fuzz-")
              : Files.createTempDirectory("fuzz-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  FuzzInput input(long number) {
    return generator.input(number);
  }

  /** Reads the input of a number; slow or large ones are told when they have ended. */
  Ending end(long number) {
    FuzzInput input = generator.input(number);
    Path directory = root.resolve(Integer.toString(made++));
    long thread = Thread.currentThread().threadId();
    try {
      Files.createDirectory(directory);
      long bytes = THREADS.getThreadAllocatedBytes(thread);
      long nanos = THREADS.getThreadCpuTime(thread);
      Throwable thrown = read(input, directory);
      nanos = THREADS.getThreadCpuTime(thread) - nanos;
      bytes = THREADS.getThreadAllocatedBytes(thread) - bytes;
      return ending(number, thrown, directory, nanos, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      delete(directory);
    }
  }

  /** What a reader throws at an input, null for nothing. */
  Throwable read(FuzzInput input, Path directory) {
    try {
      target.read(input, directory);
      return null;
    } catch (Throwable e) {
      return e;
    }
  }

  private Ending ending(long number, Throwable thrown, Path directory, long nanos, long bytes) {
    String shown = thrown == null ? "" : ShownMessage.of(thrown);
    Optional<String> bad = bad(thrown, shown, directory, nanos, bytes);
    if (bad.isPresent()) {
      return new Ending(number, Ending.Kind.BAD, bad.get(), nanos, bytes);
    }
    return new Ending(
        number, thrown == null ? Ending.Kind.ACCEPTED : Ending.Kind.REFUSED, shown, nanos, bytes);
  }

  private Optional<String> bad(
      Throwable thrown, String shown, Path directory, long nanos, long bytes) {
    if (thrown != null && !target.refusals().contains(thrown.getClass())) {
      return Optional.of(stack(thrown));
    }
    if (nanos > MOST_NANOS) {
      return Optional.of("%d ms, at most %d".formatted(nanos / 1_000_000, MOST_NANOS / 1_000_000));
    }
    if (bytes > target.mostBytes()) {
      return Optional.of("%d bytes allocated, at most %d".formatted(bytes, target.mostBytes()));
    }
    return thrown == null
        ? Optional.empty()
        : MessageRule.broken(shown, directory.toString())
            .or(() -> MessageRule.brokenOwn(thrown))
            .map(rule -> rule + ": " + printable(shown) + " | " + stack(thrown));
  }

  /** The exception and the first lines of its stack. */
  static String stack(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return printable(
        String.join(" | ", text.toString().lines().limit(7).map(String::strip).toList()));
  }

  private static String printable(String text) {
    String plain = text.replaceAll("[\\p{Cntrl}\\p{Cf}\u2028\u2029]", "?");
    return plain.length() > 1500 ? plain.substring(0, 1500) + "..." : plain;
  }

  private static void delete(Path directory) {
    try {
      AtomicFiles.deleteTree(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    delete(root);
  }
}
