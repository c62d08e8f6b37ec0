package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An evaluation in a process of its own, ended by a signal. */
class EvalInterruptedTest {
  @TempDir Path folder;

  /** The second task takes the interpreter minutes; the signal comes when the first is told. */
  @Test
  void whatWasMeasuredBeforeASignalIsShown() throws Exception {
    Path model = CommandRun.model(folder.resolve("model"));
    Path few = Files.write(folder.resolve("few.tsv"), List.of("cat\tdog\t3", "sun\tmoon\t5"));
    Path many =
        Files.write(
            folder.resolve("many.tsv"),
            IntStream.range(0, 20_000).mapToObj(i -> "a %d\tb %d\t%d".formatted(i, i, i)).toList());
    Path report = folder.resolve("report.md");
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process eval =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "eval",
                "--device",
                "ptx",
                "--model",
                model.toString(),
                "--task",
                "pairs:" + few,
                "pairs:" + many,
                "--output",
                report.toString())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
      while (!Files.readString(err).contains("few.tsv: Spearman")) {
        assertThat(eval.isAlive() && System.nanoTime() < end).as(Files.readString(err)).isTrue();
        Thread.sleep(20);
      }
      eval.destroy();
      assertThat(eval.waitFor(Duration.ofMinutes(1))).isTrue();
    } finally {
      eval.destroyForcibly();
    }
    assertThat(eval.exitValue()).isEqualTo(143);
    assertThat(Files.readString(out))
        .containsPattern("few.tsv +Spearman +2 +-?[0-9.]+\n")
        .endsWith("NOT COMPLETE: interrupted; what is above was measured before\n");
    assertThat(Files.readString(report))
        .contains("| few.tsv | Spearman | 2 | ")
        .endsWith("\nNot complete.\n");
  }
}
