package org.mirror4j.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.mirror4j.text.PackedBatch.Groups;
import org.mirror4j.text.PackedBatch.Positions;

class PackedBatchTest {
  @Test
  void laysSequencesEndToEnd() {
    PackedBatch batch = PackedBatch.of(new int[][] {{7, 5, 7, 9}, {7}, {9, 5}}, Positions.BERT);

    assertThat(batch.tokenIds()).containsExactly(7, 5, 7, 9, 7, 9, 5);
    assertThat(batch.positionIds()).containsExactly(0, 1, 2, 3, 0, 0, 1);
    assertThat(batch.cuSeqlens()).containsExactly(0, 4, 5, 7);
    assertThat(batch.keyLengths()).containsExactly(4, 1, 2);
    assertThat(batch.maxSeqlen()).isEqualTo(4);
    assertThat(batch.realTokens()).isEqualTo(7);
    assertThat(batch.totalTokens()).isEqualTo(7);
    assertThat(batch.sequences()).isEqualTo(3);
    assertGroups(
        batch.words(),
        new int[] {1, 6, 0, 2, 4, 3, 5},
        new int[] {5, 7, 9},
        new int[] {0, 2, 5, 7});
    assertGroups(
        batch.positions(),
        new int[] {0, 4, 5, 1, 6, 2, 3},
        new int[] {0, 1, 2, 3},
        new int[] {0, 3, 5, 6, 7});
  }

  @Test
  void numbersPositionsAsRobertaDoes() {
    PackedBatch batch =
        PackedBatch.padded(new int[][] {{0, 8, 2}, {0, 2}}, Positions.roberta(1), 4, 1);

    assertThat(batch.tokenIds()).containsExactly(0, 8, 2, 1, 0, 2, 1, 1);
    assertThat(batch.positionIds()).containsExactly(2, 3, 4, 1, 2, 3, 1, 1);
    // Padding neither trains the pad word nor the pad position.
    assertGroups(
        batch.words(),
        new int[] {0, 4, 2, 5, 1, 3, 6, 7},
        new int[] {0, 2, 8},
        new int[] {0, 2, 4, 5});
    assertGroups(
        batch.positions(),
        new int[] {0, 4, 1, 5, 2, 3, 6, 7},
        new int[] {2, 3, 4},
        new int[] {0, 2, 4, 5});
  }

  @Test
  void padsCountOnAndTrainPositionsInBert() {
    PackedBatch batch = PackedBatch.padded(new int[][] {{5, 6}, {5, 6, 7}}, Positions.BERT, 3, 0);

    assertThat(batch.tokenIds()).containsExactly(5, 6, 0, 5, 6, 7);
    assertThat(batch.positionIds()).containsExactly(0, 1, 2, 0, 1, 2);
    assertThat(batch.cuSeqlens()).containsExactly(0, 3, 6);
    assertThat(batch.keyLengths()).containsExactly(2, 3);
    assertThat(batch.realTokens()).isEqualTo(5);
    assertThat(batch.words().keys()).containsExactly(5, 6, 7);
    assertThat(batch.words().order()).containsExactly(0, 3, 1, 4, 5, 2);
    assertThat(batch.positions().keys()).containsExactly(0, 1, 2);
    assertThat(batch.positions().starts()).containsExactly(0, 2, 4, 6);
  }

  @Test
  void groupsAreSortedStableAndComplete() {
    SplittableRandom random = new SplittableRandom(11);
    int[][] sequences = new int[67][];
    for (int s = 0; s < sequences.length; s++) {
      sequences[s] = random.ints(1 + random.nextInt(33), 0, 97).toArray();
    }
    PackedBatch batch = PackedBatch.of(sequences, Positions.BERT);

    Map<Integer, List<Integer>> expected = new TreeMap<>();
    for (int row = 0; row < batch.totalTokens(); row++) {
      expected.computeIfAbsent(batch.tokenIds()[row], key -> new ArrayList<>()).add(row);
    }
    Groups words = batch.words();
    assertThat(words.starts()).hasSize(expected.size() + 1);
    int group = 0;
    for (Map.Entry<Integer, List<Integer>> entry : expected.entrySet()) {
      assertThat(words.keys()[group]).isEqualTo(entry.getKey());
      assertThat(
              Arrays.copyOfRange(words.order(), words.starts()[group], words.starts()[group + 1]))
          .containsExactly(entry.getValue().stream().mapToInt(Integer::intValue).toArray());
      group++;
    }
  }

  @Test
  void acceptsTheLargestIdsAndNoSequences() {
    int largest = Integer.MAX_VALUE;
    PackedBatch batch = PackedBatch.of(new int[][] {{largest, 0}, {largest}}, Positions.BERT);
    assertThat(batch.words().keys()).containsExactly(0, largest);
    assertThat(batch.words().order()).containsExactly(1, 0, 2);

    PackedBatch none = PackedBatch.of(new int[0][], Positions.BERT);
    assertThat(none.totalTokens()).isZero();
    assertThat(none.cuSeqlens()).containsExactly(0);
    assertThat(none.words().starts()).containsExactly(0);
  }

  @Test
  void refusesWhatCannotBePacked() {
    assertThatThrownBy(() -> PackedBatch.of(new int[][] {{1}, {}}, Positions.BERT))
        .hasMessage("sequence 1 is empty");
    assertThatThrownBy(() -> PackedBatch.padded(new int[][] {{1, 2, 3}}, Positions.BERT, 2, 0))
        .hasMessage("sequence 0 has 3 tokens, expected at most padTo = 2");
    assertThatThrownBy(() -> PackedBatch.padded(new int[][] {{1}}, Positions.BERT, 0, 0))
        .hasMessage("padTo is 0, expected at least 1");
  }

  private static void assertGroups(Groups groups, int[] order, int[] keys, int[] starts) {
    assertThat(groups.order()).containsExactly(order);
    assertThat(groups.keys()).containsExactly(keys);
    assertThat(groups.starts()).containsExactly(starts);
  }
}
