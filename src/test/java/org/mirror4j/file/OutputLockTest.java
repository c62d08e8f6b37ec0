package org.mirror4j.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.support.ForkedJava;

class OutputLockTest {
  private static final String TOKEN = "0123456789abcdef";

  @TempDir Path folder;
  private Path output;
  private Path lockFile;

  @BeforeEach
  void names() {
    output = folder.resolve("out");
    lockFile = folder.resolve(".out.mirror4j-lock");
  }

  /** A process that holds a lock until its input ends. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] args) throws IOException {
      try (OutputLock lock = OutputLock.of(Path.of(args[0]))) {
        Files.createDirectory(lock.temporary());
        Files.writeString(lock.temporary().resolve("half"), "");
        System.out.println("held");
        System.in.read();
      }
    }
  }

  private Process hold() throws IOException {
    Process process = ForkedJava.start(Holder.class, output.toString());
    assertThat(process.inputReader().lines().anyMatch("held"::equals)).isTrue();
    return process;
  }

  @Test
  void aSecondProcessIsToldOfTheFirstAndTouchesNothing() throws Exception {
    Process process = hold();
    try {
      List<Path> before = content();
      assertThatThrownBy(() -> OutputLock.of(output))
          .isInstanceOf(FileException.class)
          .hasMessageMatching(
              "\\Q%s\\E: is being written by process %d \\(.*Holder.*\\), since \\d{4}-.*"
                  .formatted(output, process.pid()));
      assertThat(content()).isEqualTo(before).hasSize(3);
      process.outputWriter().close();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(content()).as("its temporary is still there, so is what names it").hasSize(3);
    OutputLock.of(output).close();
    assertThat(content()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatADeadProcessLeftIsClearedUp(boolean killed) throws Exception {
    Process process = hold();
    if (killed) {
      process.destroyForcibly().waitFor();
      assertThat(content()).as("left by the kernel").hasSize(3);
    } else {
      process.toHandle().destroy(); // a signal, and its input stays open
      assertThat(process.waitFor()).isEqualTo(143);
      assertThat(content()).as("left after a signal").isEmpty();
    }
    Path foreign = Files.createDirectory(folder.resolve(".out.tmp-mine"));
    Files.writeString(folder.resolve(".out.old"), "precious");
    OutputLock.of(output).close();
    assertThat(content()).containsExactly(folder.resolve(".out.old"), foreign);
  }

  @Test
  void anotherThreadIsRefusedAndTheSameIsNot() throws Exception {
    try (OutputLock lock = OutputLock.of(output);
        ExecutorService threads = Executors.newSingleThreadExecutor()) {
      assertThat(lock.target()).isEqualTo(folder.toRealPath().resolve("out"));
      refused(threads, output);
      OutputLock.of(output).close();
      refused(threads, output);
    }
    assertThat(content()).isEmpty();
  }

  private static void refused(ExecutorService threads, Path path) {
    Future<?> other = threads.submit(() -> OutputLock.of(path).close());
    assertThatThrownBy(other::get)
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(FileException.class)
        .hasMessageContaining(path + ": is being written by thread '");
  }

  @Test
  void otherNamesOfThePlaceMeetInOneLock() throws Exception {
    Path inner = Files.createDirectory(folder.resolve("in"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("out"));
    Path way = Files.createSymbolicLink(folder.resolve("way"), inner);
    try (OutputLock _ = OutputLock.of(output);
        ExecutorService threads = Executors.newSingleThreadExecutor()) {
      for (Path other : List.of(link, inner.resolve("../out"), way.resolve("../out"))) {
        refused(threads, other);
      }
    }
    assertThat(lockFile).doesNotExist();
  }

  /** The lock file is made and removed all the time; nobody ever has a lock on one that is gone. */
  @Test
  void onlyOneHasIt() throws Exception {
    AtomicInteger holders = new AtomicInteger();
    AtomicInteger taken = new AtomicInteger();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> all =
          IntStream.range(0, 4)
              .<Future<?>>mapToObj(i -> threads.submit(() -> takeAndGive(holders, taken)))
              .toList();
      for (Future<?> one : all) {
        one.get();
      }
    }
    assertThat(taken.get()).isPositive();
    assertThat(content()).isEmpty();
  }

  private void takeAndGive(AtomicInteger holders, AtomicInteger taken) {
    for (int i = 0; i < 50; i++) {
      try (OutputLock _ = OutputLock.of(output)) {
        assertThat(holders.incrementAndGet()).isEqualTo(1);
        taken.incrementAndGet();
        holders.decrementAndGet();
      } catch (FileException e) {
        assertThat(e).hasMessageContaining("is being written by");
      }
    }
  }

  @Test
  void aReplacedOutputComesBackIfItsWriterDiedInBetween() throws IOException {
    Files.writeString(lockFile, record());
    Path old = Files.createDirectory(folder.resolve(".out.old-" + TOKEN));
    Files.writeString(old.resolve("a"), "old");
    Files.createDirectory(folder.resolve(".out.tmp-" + TOKEN));
    OutputLock.of(output).close();
    assertThat(output.resolve("a")).hasContent("old");
    assertThat(content()).containsExactly(output, output.resolve("a"));
  }

  @Test
  void aForeignFileOfThatNameIsLeftAlone() throws IOException {
    Files.writeString(lockFile, "precious");
    assertThatThrownBy(() -> OutputLock.of(output))
        .isInstanceOf(FileException.class)
        .hasMessage(
            folder.toRealPath().resolve(lockFile.getFileName())
                + ": is in the way and no lock of mirror4j, expected no such file");
    assertThat(lockFile).hasContent("precious");
  }

  @Test
  void anEmptyLockFileIsOfOneThatDiedAtOnce() throws IOException {
    Files.createFile(lockFile);
    OutputLock.of(output).close();
    assertThat(content()).isEmpty();
  }

  @Test
  void parentsThatWereMadeInVainAreRemoved() throws IOException {
    Path deep = folder.resolve("a/b/out");
    OutputLock.of(deep).close();
    assertThat(content()).isEmpty();
    try (OutputLock _ = OutputLock.of(deep)) {
      Files.writeString(deep, "");
    }
    assertThat(deep).exists();
  }

  @Test
  void temporaryDirectoriesClearUpAfterTheDead() throws Exception {
    String before = System.getProperty("java.io.tmpdir");
    System.setProperty("java.io.tmpdir", folder.toString());
    try {
      String name = "mirror4j-dead";
      Files.writeString(folder.resolve("." + name + ".mirror4j-lock"), record());
      Path dead = Files.createDirectory(folder.resolve("." + name + ".tmp-" + TOKEN));
      Files.writeString(dead.resolve("model"), "");
      try (TemporaryDirectory living = TemporaryDirectory.create();
          TemporaryDirectory other = TemporaryDirectory.create()) {
        assertThat(dead).doesNotExist();
        assertThat(living.path()).isNotEqualTo(other.path()).isEmptyDirectory();
        Files.writeString(living.path().resolve("a"), "");
      }
    } finally {
      System.setProperty("java.io.tmpdir", before);
    }
    assertThat(content()).isEmpty();
  }

  /** Where somebody has the first name it is another one. */
  @Test
  void temporaryDirectoriesAvoidNamesThatAreTaken() throws Exception {
    UUID taken = new UUID(1, 1);
    UUID free = new UUID(1, 2);
    CountDownLatch done = new CountDownLatch(1);
    CompletableFuture<Void> has = new CompletableFuture<>();
    Thread other =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (OutputLock _ = OutputLock.of(folder.resolve("mirror4j-" + taken))) {
                    has.complete(null);
                    done.await();
                  } catch (InterruptedException | RuntimeException e) {
                    has.completeExceptionally(e);
                  }
                });
    has.get();
    try (OutputLock lock = TemporaryDirectory.lock(folder, List.of(taken, free).iterator()::next)) {
      assertThat(lock.target()).isEqualTo(folder.toRealPath().resolve("mirror4j-" + free));
    }
    assertThatThrownBy(() -> TemporaryDirectory.lock(folder, () -> taken))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("is being written by thread");
    done.countDown();
    other.join();
    assertThat(content()).isEmpty();
  }

  private static String record() {
    return new String(new LockRecord(1, "a", "b", TOKEN).bytes(), StandardCharsets.UTF_8);
  }

  private List<Path> content() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(path -> !path.equals(folder)).sorted().toList();
    }
  }
}
