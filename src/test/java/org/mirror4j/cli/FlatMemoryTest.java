package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.support.ForkedJava;

/**
 * What a command takes does not grow with the text it is given: measured as the peak of the
 * resident set of a process of its own, with a heap that is smaller than the texts are in memory.
 */
class FlatMemoryTest {
  private static final Path STATUS = Path.of("/proc/self/status");

  /** Lines that fill more than one block or chunk of any command, and many times as many. */
  private static final int FEW = 40_000;

  private static final int TRAINING_LINES = 400_000;
  private static final int EMBEDDED_LINES = 120_000;

  /** What the peaks of two equal runs differ by, and more. */
  private static final long NOISE_MEBIBYTES = 32;

  @TempDir static Path shared;
  @TempDir Path folder;
  private static Path model;

  @BeforeAll
  static void makeModel() {
    model = CommandRun.model(shared.resolve("model"));
  }

  @Test
  void train() throws IOException {
    requireFlat(
        TRAINING_LINES, "train", "--corpus", "--max-steps=3 --batch-size=32 --max-length=8");
  }

  @Test
  void embed() throws IOException {
    requireFlat(EMBEDDED_LINES, "embed", "--input", "--max-length=6");
  }

  private void requireFlat(int many, String command, String input, String more) throws IOException {
    assumeThat(STATUS).as("where Linux tells the resident set").exists();
    long few = peakMebibytes(FEW, command, input, more);
    assertThat(peakMebibytes(many, command, input, more)).isLessThan(few + NOISE_MEBIBYTES);
  }

  private long peakMebibytes(int lines, String command, String input, String more)
      throws IOException {
    Path text = folder.resolve("text" + lines);
    Files.write(
        text, (Iterable<String>) IntStream.range(0, lines).mapToObj(i -> "line " + i)::iterator);
    String output = folder.resolve(command + lines + ".npy").toString();
    String arguments =
        String.join(
            " ",
            command,
            "--device=cpu --model",
            model.toString(),
            input,
            text.toString(),
            "--output",
            output,
            more);
    String printed =
        ForkedJava.run(
            Run.class, jar -> false, "-XX:+UseSerialGC", "-Xmx64m", "-Dline=" + arguments);
    assertThat(printed).matches("\\d+");
    return Long.parseLong(printed) >> 10;
  }

  /** Runs a command line and prints the peak of the resident set in KiB, or what went wrong. */
  static final class Run {
    public static void main(String[] arguments) throws IOException {
      CommandRun run = CommandRun.of((Object[]) System.getProperty("line").split(" "));
      List<String> status = Files.readAllLines(STATUS);
      System.out.println(
          run.exit() == 0
              ? status.stream()
                  .filter(line -> line.startsWith("VmHWM"))
                  .findFirst()
                  .orElseThrow()
                  .replaceAll("\\D", "")
              : run.err());
    }
  }
}
