package org.mirror4j.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.support.ForkedJava;

class SpoolTest {
  @TempDir Path folder;

  /** Around the size of what is buffered, and nothing at all. */
  @Test
  void stringsComeBackByNumber() {
    Random random = new Random(5);
    List<byte[]> strings = new ArrayList<>();
    try (Spool spool = new Spool()) {
      for (int length : new int[] {0, 1, 100, 65_535, 65_536, 65_537, 0, 200_000, 3}) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        strings.add(bytes);
        spool.append(bytes);
        // Also between two that are written.
        assertThat(spool.get(strings.size() - 1)).isEqualTo(bytes);
      }
      assertThat(spool.size()).isEqualTo(strings.size());
      for (int i = strings.size() - 1; i >= 0; i--) {
        assertThat(spool.get(i)).isEqualTo(strings.get(i));
      }
      for (int outside : new int[] {-1, strings.size()}) {
        assertThatThrownBy(() -> spool.get(outside)).isInstanceOf(IndexOutOfBoundsException.class);
      }
    }
  }

  /** In each round what was written last is still buffered when the first of the threads reads. */
  @Test
  void severalThreadsReadWhatWasWritten() throws Exception {
    int threads = 4;
    int strings = 20;
    try (ExecutorService pool = Executors.newFixedThreadPool(threads);
        Spool spool = new Spool()) {
      for (int round = 0; round < 500; round++) {
        int first = spool.size();
        for (int i = 0; i < strings; i++) {
          spool.append(string(first + i));
        }
        CyclicBarrier start = new CyclicBarrier(threads);
        Callable<Integer> reader =
            () -> {
              start.await();
              int right = 0;
              for (int i = first + strings; i-- > first; ) {
                right += Arrays.equals(spool.get(i), string(i)) ? 1 : 0;
              }
              return right;
            };
        for (Future<Integer> right : pool.invokeAll(Collections.nCopies(threads, reader))) {
          assertThat(right.get()).isEqualTo(strings);
        }
      }
    }
  }

  private static byte[] string(int number) {
    return ("string " + number).getBytes(StandardCharsets.UTF_8);
  }

  /** What a killed program leaves is what has a name: a process of its own looks for names. */
  @Test
  void itsFilesHaveNoName() {
    String found = ForkedJava.run(Names.class, jar -> false, "-Djava.io.tmpdir=" + folder);
    assertThat(found).isEqualTo("100000 bytes, no file");
  }

  @Test
  void aFolderThatIsNotThereIsNamed() {
    Path absent = folder.resolve("absent");
    assertThat(ForkedJava.run(Names.class, jar -> false, "-Djava.io.tmpdir=" + absent))
        .contains(
            "temporary files in "
                + absent
                + ": no such file or directory; MIRROR4J_JAVA_OPTIONS=-Djava.io.tmpdir=DIR puts"
                + " them elsewhere");
  }

  /** Prints what it has spooled and what lies in the temporary folder. */
  static final class Names {
    public static void main(String[] arguments) throws IOException {
      Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
      try (Spool spool = new Spool();
          Stream<Path> files = Files.list(temporary)) {
        spool.append(new byte[100_000]);
        System.out.printf(
            "%d bytes, %s%n",
            spool.get(0).length, files.findFirst().map(Path::toString).orElse("no file"));
      }
    }
  }

  @Test
  void distinctTextsAreCountedOverManyRuns() {
    try (DistinctCount count = new DistinctCount()) {
      // Four runs; two thirds of the texts come a second time, in another run.
      for (int i = 0; i < 300_000; i++) {
        count.add("text " + i);
      }
      for (int i = 0; i < 200_000; i++) {
        count.add("text " + i);
      }
      assertThat(count.count()).isEqualTo(300_000);
    }
    try (DistinctCount count = new DistinctCount()) {
      for (String text : List.of("a", "b", "a", "", "")) {
        count.add(text);
      }
      assertThat(count.count()).isEqualTo(3);
    }
  }
}
