package org.mirror4j.method.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.objective.MaskedBatch;
import org.mirror4j.objective.PretrainingObjective.Limits;
import org.mirror4j.objective.PretrainingTargets;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.train.TinyRun;

/** Parts of every size, and what they are rounded up to. */
class PartSizesTest {
  /**
   * Full parts but for a block have few shapes, each part fits, and all that is added is padding.
   */
  @ParameterizedTest
  @CsvSource({
    "64, 64, 16, 16, MLM",
    "8192, 131072, 512, 64, SPAN_SBO",
    "8192, 4096, 64, 64, MLM",
    "4096, 131072, 128, 64, MLM_NSP",
    "70, 70, 5, 64, SPAN_SBO"
  })
  void partsFitAndHaveFewShapes(
      int deviceTokens, int batchTokens, int maxLength, int multiple, Objective objective) {
    PretrainingSettings settings =
        TinyRun.pretrainingSettings(1)
            .with(
                Map.of(
                    "deviceTokens", deviceTokens,
                    "batchTokens", batchTokens,
                    "maxLength", maxLength,
                    "objective", objective));
    PartSizes sizes = new PartSizes(settings, multiple);
    BatchSize largest = sizes.largest();
    Limits most = sizes.limits(largest);
    SplittableRandom random = new SplittableRandom(5);
    Set<BatchSize> shapes = new HashSet<>();
    for (int trial = 0; trial < 100; trial++) {
      List<int[]> blocks = new ArrayList<>();
      int tokens = 0;
      int longest = trial == 0 ? Math.min(maxLength, 8) : maxLength;
      for (int length = longest;
          tokens + length <= sizes.tokens() && blocks.size() < sizes.sequences();
          length = trial == 0 ? longest : random.nextInt(longest / 2, longest + 1)) {
        blocks.add(new int[length]);
        tokens += length;
      }
      PackedBatch packed = PackedBatch.of(blocks.toArray(int[][]::new), PackedBatch.Positions.BERT);
      MaskedBatch part =
          new MaskedBatch(packed, PretrainingTargets.masked(new int[] {1}, new int[] {2}));
      MaskedBatch rounded = sizes.rounded(part, 0);
      BatchSize size = BatchSize.of(rounded.packed());
      Limits predicted = sizes.limits(size);

      assertThat(size.tokens() % multiple).isZero();
      assertThat(rounded.packed().realTokens()).isEqualTo(tokens);
      assertThat(size.tokens()).isLessThanOrEqualTo(largest.tokens());
      assertThat(size.sequences()).isEqualTo(blocks.size());
      assertThat(size.sequences() + size.paddingSequences())
          .isLessThanOrEqualTo(largest.sequences() + largest.paddingSequences());
      int segments = (objective.pairs() ? 2 : 1) * blocks.size();
      assertThat(settings.masks().mostPredictions(tokens, segments))
          .isLessThanOrEqualTo(predicted.predictions());
      assertThat(predicted.predictions()).isLessThanOrEqualTo(most.predictions());
      assertThat(predicted.boundaries()).isLessThanOrEqualTo(most.boundaries());
      assertThat(predicted.sequences()).isLessThanOrEqualTo(most.sequences());
      assertThat(rounded.targets().rows()).hasSize(predicted.predictions()).startsWith(1, -1);
      assertThat(rounded.targets().counts().masked()).isEqualTo(1);
      if (trial > 0) {
        shapes.add(new BatchSize(size.tokens(), size.sequences() + size.paddingSequences()));
      }
    }
    // Numbers of rows of a last block that is missing, and a few numbers of sequences for each.
    assertThat(shapes.size()).isLessThanOrEqualTo(30);
  }

  @Test
  void withoutAMultipleNothingIsAdded() {
    PartSizes sizes = new PartSizes(TinyRun.pretrainingSettings(1), 1);
    assertThat(sizes.largest()).isEqualTo(new BatchSize(64, 8));
    MaskedBatch part =
        new MaskedBatch(
            PackedBatch.of(new int[][] {{1, 2}}, PackedBatch.Positions.BERT),
            PretrainingTargets.masked(new int[] {1}, new int[] {2}));
    assertThat(sizes.rounded(part, 0)).isSameAs(part);
  }
}
