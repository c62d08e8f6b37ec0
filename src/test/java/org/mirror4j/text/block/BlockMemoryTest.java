package org.mirror4j.text.block;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.support.ForkedJava;
import org.mirror4j.text.Tokenizer;

/** What is held of a corpus does not grow with it: its blocks in a heap that they would burst. */
class BlockMemoryTest {
  /**
   * Sentences of ten tokens with spans take more than 20 bytes a token, so 40 MB, in a heap of 24
   * MiB; the first half is one document.
   */
  private static final int LINES = 20_000, TOKENS_OF_LINE = 100;

  @TempDir Path folder;

  @Test
  void aCorpusLargerThanTheHeap() throws IOException {
    Path file = folder.resolve("text");
    String line = "a B, c d E F g h. I j ".repeat(TOKENS_OF_LINE / 12).strip();
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int i = 0; i < LINES; i++) {
        out.append(line).append(i > LINES / 2 && i % 10 == 0 ? "\n\n" : "\n");
      }
    }
    String printed =
        ForkedJava.run(Run.class, jar -> false, "-XX:+UseSerialGC", "-Xmx24m", "-Dfile=" + file);
    assertThat(printed).matches("\\d+");
    assertThat(Long.parseLong(printed)).isGreaterThan(LINES * (TOKENS_OF_LINE - 4L));
  }

  /** Reads all blocks in a random order and prints the number of their tokens. */
  static final class Run {
    public static void main(String[] arguments) {
      List<Path> files = List.of(Path.of(System.getProperty("file")));
      BlockSettings settings =
          new BlockSettings(BlockKind.PAIRS, 128, 0.1, SpanSource.CAPITALISED, 1);
      long tokens = 0;
      try (Tokenizer tokenizer = BlockTexts.tokenizer();
          ShuffledBlocks blocks =
              new ShuffledBlocks(() -> new BlockReader(files, tokenizer, settings), 100, 1)) {
        for (TokenBlock block = blocks.next(); block != null; block = blocks.next()) {
          tokens += block.ids().length;
        }
      }
      System.out.println(tokens);
    }
  }
}
