package org.mirror4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.kernel.KernelLibrary;
import org.mirror4j.device.ptx.count.CounterFile;

/**
 * {@code bench/counters}: a change of a kernel that moves a number brings the new file with it.
 * {@code -Dmirror4j.counters=write} writes the files instead of comparing them.
 */
class KernelCountersTest {
  private static final Path FOLDER = Path.of("bench", "counters");

  @Test
  void countsAreThoseOfTheFiles() throws IOException {
    SortedMap<String, CounterFile> counted =
        KernelCounters.of(KernelLibrary.bundled(), Runtime.getRuntime().availableProcessors());
    if ("write".equals(System.getProperty("mirror4j.counters"))) {
      counted.forEach((entry, file) -> file.write(FOLDER.resolve(entry + ".json")));
    }
    List<String> differences = new ArrayList<>();
    counted.forEach(
        (entry, file) ->
            differences.addAll(
                CounterFile.read(FOLDER.resolve(entry + ".json")).differences(file)));
    assertThat(differences).isEmpty();
    try (Stream<Path> files = Files.list(FOLDER)) {
      assertThat(files.map(f -> f.getFileName().toString().replace(".json", "")))
          .containsExactlyInAnyOrderElementsOf(counted.keySet());
    }
  }
}
