package org.mirror4j.text.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.mirror4j.text.mask.MaskStatistics.CLS;
import static org.mirror4j.text.mask.MaskStatistics.CONTINUATION;
import static org.mirror4j.text.mask.MaskStatistics.FIRST;
import static org.mirror4j.text.mask.MaskStatistics.MASK;
import static org.mirror4j.text.mask.MaskStatistics.SEP;
import static org.mirror4j.text.mask.MaskStatistics.STRANGER;
import static org.mirror4j.text.mask.MaskStatistics.UNK;
import static org.mirror4j.text.mask.MaskStatistics.VOCABULARY;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.text.ItemRandom;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.text.block.SpanSource;
import org.mirror4j.text.block.TokenBlock;
import org.mirror4j.text.block.TokenRange;
import org.mirror4j.text.mask.MaskStatistics.Kind;

/** What is drawn, held against the distributions that it is to have, within sampling errors. */
class BlockMaskingTest {
  /** A million by {@link MaskStatistics#main}. */
  private static final int BLOCKS = 20_000;

  /** Standard deviations of a share; a normal value is beyond these once in 1.7 million times. */
  private static final double DEVIATIONS = 5;

  private static void assertShare(String what, long hits, long of, double expected) {
    double error = Math.sqrt(expected * (1 - expected) / of);
    assertThat((double) hits / of).as(what).isCloseTo(expected, within(DEVIATIONS * error));
  }

  private static int[] ids(Random random, int tokens) {
    int[] ids = new int[tokens + 2];
    Arrays.setAll(ids, i -> FIRST + random.nextInt(VOCABULARY - FIRST));
    ids[0] = CLS;
    ids[tokens + 1] = SEP;
    return ids;
  }

  private static BlockMasking masking(MaskScheme scheme) {
    return MaskStatistics.masking(MaskSettings.of(scheme), STRANGER);
  }

  private static MaskedTokens apply(MaskScheme scheme, int... ids) {
    return masking(scheme).apply(TokenBlock.of(0, ids), 1, 0);
  }

  @Test
  void aTokenMayHaveTwoRoles(@TempDir Path folder) throws IOException {
    List<String> pieces = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a");
    Files.write(folder.resolve("vocab.txt"), pieces);
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"pad_token\": \"[SEP]\"}");
    TokenDistribution replacements = TokenDistribution.of(new long[] {0, 0, 0, 0, 0, 1});
    MaskSettings all =
        new MaskSettings(MaskScheme.TOKENS, 1, SpanLengths.SPANBERT, ReplacementUnit.TOKEN);
    try (Tokenizer tokenizer = Tokenizer.open(folder)) {
      // A [SEP] that is written in the text is not chosen either.
      TokenBlock block = TokenBlock.of(0, tokenizer.encode("a [SEP] a", 8));
      assertThat(BlockMasking.of(all, tokenizer, replacements).apply(block, 1, 0).positions())
          .containsExactly(1, 3);
    }
  }

  @Test
  void lengthsAreTruncatedNotClipped() {
    double[] published = {.224, .179, .143, .115, .092, .073, .059, .047, .038, .030};
    long[] seen = new long[11];
    ItemRandom random = new ItemRandom(ItemRandom.Use.MASKED_BLOCK, 3, 0, 0);
    int draws = 1_000_000;
    for (int i = 0; i < draws; i++) {
      seen[SpanLengths.SPANBERT.draw(random)]++;
    }
    assertThat(seen[0]).isZero();
    double sum = 0;
    double mean = 0;
    for (int length = 1; length <= 10; length++) {
      double expected = MaskStatistics.probability(length);
      // Published with three digits.
      assertThat(expected).isCloseTo(published[length - 1], within(0.5e-3));
      assertShare("length " + length, seen[length], draws, expected);
      sum += expected;
      mean += length * expected;
    }
    assertThat(sum).isCloseTo(1, within(1e-12));
    assertThat(mean).isCloseTo(3.797, within(0.5e-3));
    assertThat(new SpanLengths(0.9, 1).draw(random)).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void manyBlocks(MaskScheme scheme) {
    MaskStatistics s = MaskStatistics.of(scheme, BLOCKS, 8);
    assertThat(s.blocks).isEqualTo(BLOCKS);
    assertThat(s.otherThanReference).isZero();
    assertThat(s.wrongBudgets).isZero();
    assertThat(s.specialChosen).isZero();
    assertThat(s.maskedBoundaries).isZero();
    assertThat(s.boundariesAtEnds).isZero();
    assertThat(s.boundedSpans).isBetween(1L, s.spans - 1);
    boolean single = scheme == MaskScheme.TOKENS;
    assertThat(s.wrongStarts).matches(wrong -> single ? wrong > 0 : wrong == 0);
    boolean whole = scheme.unit() == ReplacementUnit.SPAN;
    long[] kinds = whole ? s.spanKinds : s.tokenKinds;
    long of = whole ? s.spans : s.chosen;
    assertShare("masked", kinds[Kind.MASKED.ordinal()], of, 0.8);
    assertShare("replaced", kinds[Kind.REPLACED.ordinal()], of, 0.1);
    assertShare("left", kinds[Kind.LEFT.ordinal()], of, 0.1);
    assertThat(kinds[Kind.MIXED.ordinal()]).isZero();
    assertThat(s.spanKinds[Kind.MIXED.ordinal()]).matches(mixed -> whole == (mixed == 0));
    long lengths = Arrays.stream(s.drawnLengths).sum();
    assertThat(lengths).matches(drawn -> whole == (drawn > BLOCKS));
    for (int length = 1; whole && length <= 10; length++) {
      assertShare(
          "length " + length, s.drawnLengths[length], lengths, MaskStatistics.probability(length));
    }
    if (scheme.heuristic() != SpanSource.NONE) {
      assertShare("annotated", s.draws[0], s.draws[0] + s.draws[1], 0.5);
    } else {
      assertThat(s.draws).containsOnly(0);
    }
  }

  /** Each token of a block is chosen as often as every other. */
  @Test
  void tokensAreChosenUniformly() {
    int[] ids = ids(new Random(1), 20);
    long[] seen = new long[ids.length];
    BlockMasking masking = masking(MaskScheme.TOKENS);
    for (int number = 0; number < BLOCKS; number++) {
      for (int position : masking.apply(TokenBlock.of(number, ids), 7, 1).positions()) {
        seen[position]++;
      }
    }
    for (int position = 1; position <= 20; position++) {
      assertShare("position " + position, seen[position], BLOCKS, 3 / 20.0);
    }
  }

  @Test
  void replacementsAreAsFrequentAsInTheCorpus() {
    long[] counts = new long[VOCABULARY];
    Arrays.setAll(counts, id -> id < FIRST ? 0 : id % 7);
    double total = Arrays.stream(counts).sum();
    BlockMasking masking =
        MaskStatistics.masking(MaskSettings.of(MaskScheme.SPANS), TokenDistribution.of(counts));
    // One token that stands for none other, so that every other one was drawn.
    int[] ids = new int[102];
    Arrays.fill(ids, UNK);
    long[] seen = new long[VOCABULARY];
    long replaced = 0;
    for (int number = 0; number < BLOCKS; number++) {
      for (int id : masking.apply(TokenBlock.of(number, ids), 3, 0).ids()) {
        if (id != UNK && id != MASK) {
          seen[id]++;
          replaced++;
        }
      }
    }
    assertThat(replaced).isGreaterThan(BLOCKS);
    for (int id = 0; id < VOCABULARY; id++) {
      assertShare("replacement " + id, seen[id], replaced, counts[id] / total);
    }
  }

  @Test
  void specialTokensAreNotChosen() {
    try (Tokenizer tokenizer =
        Tokenizer.wordPiece(
            List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##b", "c"), true)) {
      BlockMasking masking =
          BlockMasking.of(
              MaskSettings.of(MaskScheme.WORDS),
              tokenizer,
              TokenDistribution.of(new long[] {0, 0, 0, 0, 0, 1, 1, 1}));
      // One word of three tokens, behind tokens that the text has but that are never chosen.
      MaskedTokens masked = masking.apply(TokenBlock.of(0, new int[] {2, 4, 3, 5, 6, 6, 3}), 1, 0);
      assertThat(masked.positions()).containsExactly(3);
    }
  }

  @ParameterizedTest
  @EnumSource
  void sameArgumentsSameMasks(MaskScheme scheme) {
    BlockMasking masking = masking(scheme);
    int[] ids = ids(new Random(5), 100);
    int[] before = ids.clone();
    TokenBlock block = TokenBlock.of(7, ids);
    MaskedTokens masked = masking.apply(block, 9, 2);
    assertThat(ids).isEqualTo(before);
    MaskedTokens again = masking.apply(TokenBlock.of(7, before), 9, 2);
    assertThat(again.ids()).isEqualTo(masked.ids());
    assertThat(again.positions()).isEqualTo(masked.positions());
    int[] restored = masked.ids().clone();
    for (int i = 0; i < masked.positions().length; i++) {
      restored[masked.positions()[i]] = masked.labels()[i];
    }
    assertThat(restored).isEqualTo(ids);
    assertThat(masking.apply(block, 9, 3).positions()).isNotEqualTo(masked.positions());
    assertThat(masking.apply(block, 8, 2).positions()).isNotEqualTo(masked.positions());
    assertThat(masking.apply(TokenBlock.of(8, ids), 9, 2).positions())
        .isNotEqualTo(masked.positions());
    assertThat(masking.apply(TokenBlock.of(7L << 33, ids), 9, 2).positions())
        .isNotEqualTo(masked.positions());
  }

  /** Without annotation entities and phrases are spans, to the last draw. */
  @Test
  void spansWhereNothingIsAnnotated() {
    int[] ids = ids(new Random(6), 200);
    int[] spans = apply(MaskScheme.SPANS, ids).ids();
    assertThat(apply(MaskScheme.ENTITIES, ids).ids()).isEqualTo(spans);
    assertThat(apply(MaskScheme.PHRASES, ids).ids()).isEqualTo(spans);
  }

  @ParameterizedTest
  @EnumSource
  void awkwardBlocks(MaskScheme scheme) {
    assertThat(apply(scheme).positions()).isEmpty();
    assertThat(apply(scheme, CLS).positions()).isEmpty();
    assertThat(apply(scheme, CLS, SEP).positions()).isEmpty();
    assertThat(apply(scheme, CLS, UNK, SEP).positions()).containsExactly(1);
    assertThat(apply(scheme, CLS, CONTINUATION, SEP).positions()).containsExactly(1);
    // Special tokens in the text are neither chosen nor counted.
    assertThat(apply(scheme, CLS, SEP, MASK, CLS, SEP).positions()).isEmpty();
    assertThat(apply(scheme, CLS, MASK, CONTINUATION, SEP, SEP).positions()).containsExactly(2);
    // One word as long as the block: as many of its tokens as the budget has.
    int[] word = new int[512];
    Arrays.fill(word, CONTINUATION);
    assertThat(apply(scheme, word).positions()).hasSize(77);
    boolean whole = scheme != MaskScheme.TOKENS;
    assertThat(apply(scheme, word).spans()).matches(spans -> whole == (spans.size() == 1));
  }

  /** Everything is chosen in the end, whatever is annotated. */
  @ParameterizedTest
  @EnumSource
  void allTokens(MaskScheme scheme) {
    int[] ids = ids(new Random(2), 64);
    ids[9] = MASK;
    TokenRange text = new TokenRange(1, 65);
    List<TokenRange> annotated = List.of(new TokenRange(3, 4), new TokenRange(2, 12), text);
    BlockMasking masking =
        MaskStatistics.masking(
            new MaskSettings(scheme, 1, SpanLengths.SPANBERT, scheme.unit()), STRANGER);
    for (List<TokenRange> spans : List.of(annotated, annotated.subList(0, 1))) {
      TokenBlock block =
          new TokenBlock(0, ids, new int[0], List.of(text), spans, OptionalInt.empty());
      assertThat(masking.apply(block, 1, 0).positions())
          .containsExactly(IntStream.range(1, 65).filter(at -> at != 9).toArray());
    }
  }

  @Test
  void runsOfNeighbours() {
    int[] ids = ids(new Random(1), 11);
    TokenBlock block =
        new TokenBlock(
            0,
            ids,
            new int[0],
            List.of(new TokenRange(1, 5), new TokenRange(6, 12)),
            List.of(),
            OptionalInt.of(0));
    MaskedTokens masked = new MaskedTokens(block, ids, new int[] {1, 2, 4, 7, 8, 9, 11});
    assertThat(masked.spans())
        .containsExactly(
            new TokenRange(1, 3),
            new TokenRange(4, 5),
            new TokenRange(7, 10),
            new TokenRange(11, 12));
    assertThat(masked.boundedSpans()).containsExactly(new TokenRange(7, 10));
    assertThat(new MaskedTokens(block, ids, new int[0]).spans()).isEmpty();
  }

  @Test
  void mostPredictionsAreEnough() {
    MaskSettings settings = MaskSettings.of(MaskScheme.SPANS);
    assertThat(IntStream.of(0, 1, 6, 7, 20, 21, 510).map(settings::budget))
        .containsExactly(0, 1, 1, 2, 3, 4, 77);
    for (int first = 1; first < 120; first++) {
      assertThat(settings.mostPredictions(first, 1)).isEqualTo(settings.budget(first));
      for (int second = 1; second < 120; second++) {
        int both = settings.budget(first) + settings.budget(second);
        assertThat(settings.mostPredictions(first + second, 2)).isBetween(both, both + 1);
      }
    }
    // Many blocks of one token each.
    assertThat(settings.mostPredictions(30, 30)).isEqualTo(30);
  }

  @Test
  void refused() {
    assertThatThrownBy(() -> new SpanLengths(1, 10))
        .hasMessage("p of the span lengths is 1.0, expected more than 0 and less than 1");
    assertThatThrownBy(() -> new SpanLengths(0.2, 0))
        .hasMessage("the longest span is 0, expected at least 1");
    assertThatThrownBy(() -> TokenDistribution.of(new long[3]))
        .hasMessage("none of the 3 tokens occurs, expected one that may stand for another");
    assertThatThrownBy(() -> TokenDistribution.of(new long[] {1, -2}))
        .hasMessage("token 1 occurs -2 times, expected at least 0");
    assertThatThrownBy(
            () -> new MaskSettings(MaskScheme.SPANS, 0, SpanLengths.SPANBERT, ReplacementUnit.SPAN))
        .hasMessage("the masked share is 0.0, expected more than 0, at most 1");
  }
}
