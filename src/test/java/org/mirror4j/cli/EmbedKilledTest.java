package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code embed --part-lines}, killed without a word again and again. */
class EmbedKilledTest {
  /** How often; more by {@code -Dmirror4j.kills=20}. */
  private static final int KILLS = Integer.getInteger("mirror4j.kills", 2);

  private static final int PART = 40;
  private static final int PARTS = 25 * KILLS;
  private static final int MOST_MILLISECONDS = 40;

  @TempDir Path folder;
  private Object[] command;

  @BeforeEach
  void makeInput() throws IOException {
    Path input = folder.resolve("input.txt");
    Files.write(
        input,
        IntStream.range(0, PARTS * PART - 7)
            .mapToObj(i -> "line " + "b ".repeat(i * 7 % 41) + i)
            .toList());
    Path model = CommandRun.model(folder.resolve("model"));
    command =
        new Object[] {
          "embed",
          "--model",
          model,
          "--device",
          "cpu",
          "--threads",
          "1",
          "--input",
          input,
          "--part-lines",
          PART,
          "--output"
        };
  }

  private Object[] to(Path output) {
    Object[] all = Arrays.copyOf(command, command.length + 1);
    all[command.length] = output;
    return all;
  }

  private static Map<String, byte[]> content(Path directory) throws IOException {
    Map<String, byte[]> content = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        content.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return content;
  }

  private static long parts(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.getFileName().toString().matches("part-\\d+\\.npy")).count();
    }
  }

  /** Each time further parts are made before; what was being written is not there or is whole. */
  @Test
  void endsInTheSameBytes() throws Exception {
    Path unbroken = folder.resolve("unbroken");
    assertThat(CommandRun.of(to(unbroken)).exit()).isZero();
    Path killed = folder.resolve("killed");
    Random random = new Random(9);
    for (int i = 0; i < KILLS; i++) {
      long before = parts(killed);
      try (CommandProcess process =
          CommandProcess.start(folder, CommandProcess.builder(List.of(), to(killed)))) {
        process.await(() -> parts(killed) > before);
        Thread.sleep(random.nextInt(MOST_MILLISECONDS));
        assertThat(process.end("KILL").exit()).isEqualTo(128 + 9);
      }
      assertThat(parts(killed)).isBetween(before + 1, PARTS - 1L);
    }
    CommandRun last = CommandRun.of(to(killed));
    assertThat(last.exit()).as(last.err()).isZero();
    Map<String, byte[]> expected = content(unbroken);
    assertThat(expected).hasSize(PARTS + 1);
    Map<String, byte[]> found = content(killed);
    assertThat(found.keySet()).isEqualTo(expected.keySet());
    expected.forEach((name, bytes) -> assertThat(found.get(name)).as(name).isEqualTo(bytes));
  }
}
