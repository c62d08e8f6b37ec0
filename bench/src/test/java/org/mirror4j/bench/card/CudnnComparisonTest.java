package org.mirror4j.bench.card;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which kernels stand beside an operation of cuDNN. */
class CudnnComparisonTest {
  /** It draws what drophead multiplies by, which no operation of cuDNN's has inside it. */
  private static final String APART = "attention_head_scale";

  @Test
  void eachKernelOfAttentionIsInOneJob() throws IOException {
    List<String> entries;
    try (Stream<Path> files = Files.list(Path.of("kernels"))) {
      entries =
          files
              .map(file -> file.getFileName().toString().replace(".ptx", ""))
              .filter(entry -> entry.startsWith("attention") && !entry.equals(APART))
              .toList();
    }
    assertThat(entries).hasSizeGreaterThan(4);
    for (String entry : entries) {
      boolean backward = entry.contains("_backward");
      assertThat(entry.matches(CudnnComparison.ATTENTION_FORWARD)).as(entry).isEqualTo(!backward);
      assertThat(entry.matches(CudnnComparison.ATTENTION_BACKWARD)).as(entry).isEqualTo(backward);
    }
    assertThat(APART)
        .doesNotMatch(CudnnComparison.ATTENTION_FORWARD)
        .doesNotMatch(CudnnComparison.ATTENTION_BACKWARD);
  }
}
