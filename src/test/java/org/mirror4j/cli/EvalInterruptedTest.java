package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
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
    CommandRun interrupted;
    try (CommandProcess eval =
        CommandProcess.start(
            folder,
            CommandProcess.builder(
                List.of(),
                "eval",
                "--device",
                "ptx",
                "--model",
                model,
                "--task",
                "pairs:" + few,
                "pairs:" + many,
                "--output",
                report))) {
      eval.await(() -> eval.err().contains("few.tsv: Spearman"));
      interrupted = eval.end("TERM");
    }
    assertThat(interrupted.exit()).isEqualTo(143);
    assertThat(interrupted.out())
        .containsPattern("few.tsv +Spearman +2 +-?[0-9.]+\n")
        .endsWith("NOT COMPLETE: interrupted; what is above was measured before\n");
    assertThat(Files.readString(report))
        .contains("| few.tsv | Spearman | 2 | ")
        .endsWith("\nNot complete.\n");
  }
}
