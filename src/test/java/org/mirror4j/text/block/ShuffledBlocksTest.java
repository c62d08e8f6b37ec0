package org.mirror4j.text.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.text.Tokenizer;

class ShuffledBlocksTest {
  private static final Tokenizer TOKENIZER = BlockTexts.tokenizer();
  private static final BlockSettings SETTINGS =
      new BlockSettings(BlockKind.SENTENCES, 16, 0, SpanSource.NONE, 1);

  @TempDir static Path folder;
  private static Path file;
  private static List<Long> inOrder;

  @BeforeAll
  static void write() {
    file = BlockTexts.write(folder.resolve("text"), BlockTexts.lines(new Random(1), 150));
    inOrder =
        LongStream.range(0, BlockTexts.read(List.of(file), TOKENIZER, SETTINGS).size())
            .boxed()
            .toList();
  }

  @AfterAll
  static void close() {
    TOKENIZER.close();
  }

  private static ShuffledBlocks shuffled(int size, long seed) {
    return new ShuffledBlocks(
        () -> new BlockReader(List.of(file), TOKENIZER, SETTINGS), size, seed);
  }

  private static List<Long> rest(ShuffledBlocks blocks) {
    List<Long> numbers = new ArrayList<>();
    for (TokenBlock block = blocks.next(); block != null; block = blocks.next()) {
      numbers.add(block.number());
    }
    return numbers;
  }

  private static List<Long> epoch(int size, long seed, int epoch) {
    try (ShuffledBlocks blocks = shuffled(size, seed)) {
      blocks.start(epoch);
      return rest(blocks);
    }
  }

  @Test
  void anEpochHasEveryBlockOnce() {
    for (int size : new int[] {1, 2, 50, 1_000_000}) {
      assertThat(epoch(size, 5, 0)).containsExactlyInAnyOrderElementsOf(inOrder);
    }
    assertThat(epoch(1, 5, 0)).isEqualTo(inOrder);
    List<Long> order = epoch(50, 5, 0);
    assertThat(order).isNotEqualTo(inOrder).isEqualTo(epoch(50, 5, 0));
    assertThat(order).isNotEqualTo(epoch(50, 5, 1)).isNotEqualTo(epoch(50, 6, 0));
    // A block never comes before it has been read.
    for (int i = 0; i < order.size(); i++) {
      assertThat(order.get(i)).isLessThan(i + 50);
    }
  }

  /** The first block of an epoch is any of the buffer, equally often within five deviations. */
  @Test
  void drawsUniformly() {
    int[] seen = new int[8];
    int draws = 2000;
    Path few = BlockTexts.write(folder.resolve("few"), Collections.nCopies(10, "Abcdefghij abcd."));
    try (ShuffledBlocks blocks =
        new ShuffledBlocks(
            () -> new BlockReader(List.of(few), TOKENIZER, SETTINGS), seen.length, 3)) {
      for (int epoch = 0; epoch < draws; epoch++) {
        blocks.start(epoch);
        seen[(int) blocks.next().number()]++;
      }
    }
    double error = Math.sqrt(draws / 8.0 * 7 / 8);
    for (int count : seen) {
      assertThat((double) count).isBetween(draws / 8.0 - 5 * error, draws / 8.0 + 5 * error);
    }
  }

  @Test
  void anEpochMayBeginAtAnyTime() {
    List<Long> second = epoch(20, 4, 1);
    try (ShuffledBlocks blocks = shuffled(20, 4)) {
      blocks.next();
      blocks.start(1);
      assertThat(rest(blocks)).isEqualTo(second);
      assertThat(blocks.next()).isNull();
      assertThat(blocks.report().blocks()).isEqualTo(second.size());
      blocks.start(1);
      assertThat(rest(blocks)).isEqualTo(second);
    }
  }

  @Test
  void refused() {
    assertThatThrownBy(() -> shuffled(0, 1))
        .hasMessage("the shuffle buffer has 0 blocks, expected at least 1");
  }
}
