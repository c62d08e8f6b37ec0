package org.mirror4j.method.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.text.Corpus;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.train.TinyRun;

class MirrorBlocksTest {
  private static final int ITEMS = 31;
  private static final int BATCH = 4;
  private static final int STEPS = 2 * (ITEMS / BATCH);

  @TempDir Path folder;

  private interface Body {
    void run(Corpus corpus, Tokenizer tokenizer);
  }

  private void with(Body body) {
    Path file = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(ITEMS, 12));
    try (Corpus corpus = Corpus.read(file, Corpus.Options.DEFAULT);
        Tokenizer tokenizer = Tokenizer.wordPiece(TinyRun.vocabulary(), true)) {
      body.run(corpus, tokenizer);
    }
  }

  private static MirrorBlocks blocks(Corpus corpus, Tokenizer tokenizer, int blockItems) {
    return new MirrorBlocks(
        TinyRun.config(),
        TinyRun.mirrorSettings(2, BATCH, 3),
        corpus,
        tokenizer,
        BATCH,
        1,
        blockItems);
  }

  private static PackedBatch batch(MirrorBlocks blocks, int step) {
    MirrorBlocks.Place place = blocks.get(step);
    return place.block().batch(place.step());
  }

  /** However much is tokenised together, and wherever a run begins, batches are the same. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2 * BATCH, 3 * BATCH + 1, 1000})
  void batchesDoNotDependOnBlocks(int blockItems) {
    with(
        (corpus, tokenizer) -> {
          MirrorBlocks whole = blocks(corpus, tokenizer, ITEMS);
          MirrorBlocks blocks = blocks(corpus, tokenizer, blockItems);
          for (int step = 1; step <= STEPS; step++) {
            MirrorBlocks.Place expected = whole.get(step);
            MirrorBlocks.Place got = blocks.get(step);
            assertThat(blocks.epoch(step)).isEqualTo(step <= STEPS / 2 ? 1 : 2);
            assertThat(got.block().batch(got.step()))
                .usingRecursiveComparison()
                .isEqualTo(expected.block().batch(expected.step()));
            assertThat(got.block().groups(got.step()))
                .isEqualTo(expected.block().groups(expected.step()));
            assertThat(batch(blocks(corpus, tokenizer, blockItems), step))
                .usingRecursiveComparison()
                .isEqualTo(batch(whole, step));
          }
        });
  }

  /** Of an epoch the texts that differ are counted, and of these the ones that are cut. */
  @Test
  void cutTextsAreCounted() {
    List<String> texts = List.of("ba ".repeat(10), "ba ".repeat(11), "da", "fa ".repeat(40));
    Path file = TinyRun.write(folder.resolve("corpus"), texts);
    try (Corpus corpus = Corpus.read(file, Corpus.Options.DEFAULT);
        Tokenizer tokenizer = Tokenizer.wordPiece(TinyRun.vocabulary(), true)) {
      MirrorBlocks blocks =
          new MirrorBlocks(
              TinyRun.config(),
              TinyRun.plainSettings(1, 2, 1e-3),
              corpus,
              tokenizer,
              2,
              1,
              MirrorBlocks.ITEMS);
      MirrorBlock block = blocks.get(1).block();
      // With the special tokens, the first has just the 12 tokens that there is room for.
      assertThat(block.texts()).isEqualTo(4);
      assertThat(block.cutTexts()).isEqualTo(2);
      assertThat(block.batch(0).keyLengths()).containsExactly(12, 12, 12, 12);
    }
  }
}
