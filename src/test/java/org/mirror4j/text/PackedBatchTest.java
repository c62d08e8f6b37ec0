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
  void typesOfTokens() {
    int[][] pairs = {{7, 5, 9}, {7}, {9, 5}};
    PackedBatch batch = PackedBatch.of(pairs, new int[][] {{0, 1, 1}, {0}, {2, 1}}, Positions.BERT);

    assertThat(batch.tokenTypeIds()).containsExactly(0, 1, 1, 0, 2, 1);
    // Rows of type 0 are in no group.
    assertGroups(
        batch.tokenTypes(), new int[] {1, 2, 5, 4, 0, 3}, new int[] {1, 2}, new int[] {0, 3, 4});

    PackedBatch rounded = batch.rounded(4, 5, 0);
    assertThat(rounded.tokenTypeIds()).containsExactly(0, 1, 1, 0, 2, 1, 0, 0);
    assertGroups(
        rounded.tokenTypes(),
        new int[] {1, 2, 5, 4, 0, 3, 6, 7},
        new int[] {1, 2},
        new int[] {0, 3, 4});
  }

  /** Texts that are no pairs take nothing more than before there were types. */
  @Test
  void tokensOfTypeZeroAreNotWrittenDown() {
    int[][] sequences = {{7, 5}, {7}};
    for (int[][] types : new int[][][] {null, {{0, 0}, {0}}}) {
      PackedBatch batch = PackedBatch.of(sequences, types, Positions.BERT);
      assertThat(batch.tokenTypeIds()).isEmpty();
      assertThat(batch.tokenTypes()).isSameAs(Groups.NONE);
      assertThat(batch.rounded(8, 5, 0).tokenTypeIds()).isEmpty();
      assertThat(batch.rounded(8, 5, 0).tokenTypes()).isSameAs(Groups.NONE);
    }
    assertThatThrownBy(() -> PackedBatch.of(sequences, new int[][] {{0, 1}, {}}, Positions.BERT))
        .hasMessage("sequence 1 has 0 token types, expected 1, one for each token");
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

  @Test
  void roundsUpWithPaddingSequences() {
    PackedBatch batch = PackedBatch.of(new int[][] {{7, 5, 7}, {9}}, Positions.BERT);
    PackedBatch rounded = batch.rounded(8, 4, 1);

    assertThat(PackedBatch.paddingSequences(8, 4)).isEqualTo(3);
    assertThat(rounded.paddingSequences()).isEqualTo(3);
    assertThat(rounded.sequences()).isEqualTo(2);
    assertThat(rounded.realTokens()).isEqualTo(4);
    assertThat(rounded.maxSeqlen()).isEqualTo(4);
    assertThat(rounded.tokenIds()).containsExactly(7, 5, 7, 9, 1, 1, 1, 1);
    assertThat(rounded.positionIds()).containsExactly(0, 1, 2, 0, 0, 0, 0, 0);
    assertThat(rounded.cuSeqlens()).containsExactly(0, 3, 4, 5, 6, 8);
    assertThat(rounded.keyLengths()).containsExactly(3, 1, 1, 1, 1);
    assertGroups(
        rounded.words(),
        new int[] {1, 0, 2, 3, 4, 5, 6, 7},
        new int[] {5, 7, 9, 0, 0, 0, 0, 0},
        new int[] {0, 1, 3, 4, 4, 4, 4, 4, 4});
    assertGroups(
        rounded.positions(),
        new int[] {0, 3, 1, 2, 4, 5, 6, 7},
        new int[] {0, 1, 2, 0},
        new int[] {0, 2, 3, 4, 4});
  }

  /** Whatever a batch holds, its shape is one of a few, and all that is added is padding. */
  @Test
  void roundedShapesDependOnTheRoundedTokensAlone() {
    SplittableRandom random = new SplittableRandom(5);
    for (int longest : new int[] {2, 3, 25, 33, 64, 512}) {
      for (int multiple : new int[] {2, 31, 64}) {
        int padding = PackedBatch.paddingSequences(multiple, longest);
        for (int tokens = 1; tokens < 3 * multiple; tokens++) {
          int[][] sequences = cut(random.ints(tokens, 0, 40).toArray(), longest, random);
          PackedBatch batch = PackedBatch.of(sequences, Positions.BERT);
          PackedBatch rounded = batch.rounded(multiple, longest, 1);
          int rows = rounded.totalTokens();
          assertThat(rows).isEqualTo(PackedBatch.roundedTokens(tokens, multiple, longest));
          assertThat(rows % multiple).isZero();
          assertThat(rows - tokens).isBetween(padding, padding + multiple - 1);
          assertThat(rounded.keyLengths()).hasSize(sequences.length + padding);
          for (int s = sequences.length; s < sequences.length + padding; s++) {
            assertThat(rounded.cuSeqlens()[s + 1] - rounded.cuSeqlens()[s]).isBetween(1, longest);
          }
          assertThat(rounded.cuSeqlens()[sequences.length + padding]).isEqualTo(rows);
          assertThat(rounded.words().keys()).hasSize(rows);
          assertThat(rounded.positions().keys()).hasSize(Math.min(rows, longest));
          for (Groups groups : List.of(rounded.words(), rounded.positions())) {
            assertThat(groups.starts()).hasSize(groups.keys().length + 1).isSorted();
            assertThat(groups.starts()[groups.keys().length]).isEqualTo(tokens);
          }
        }
      }
    }
  }

  private static int[][] cut(int[] ids, int longest, SplittableRandom random) {
    List<int[]> sequences = new ArrayList<>();
    for (int from = 0; from < ids.length; ) {
      int to = Math.min(ids.length, from + 1 + random.nextInt(longest));
      sequences.add(Arrays.copyOfRange(ids, from, to));
      from = to;
    }
    return sequences.toArray(int[][]::new);
  }

  @Test
  void refusesToRoundBelowTheLongestSequence() {
    PackedBatch batch = PackedBatch.of(new int[][] {{1, 2, 3}}, Positions.BERT);
    assertThatThrownBy(() -> batch.rounded(64, 2, 0))
        .hasMessage("longest is 2, expected at least maxSeqlen = 3");
    assertThatThrownBy(() -> batch.rounded(1, 4, 0))
        .hasMessage("multiple is 1 and longest 4, expected at least 2");
    assertThatThrownBy(() -> batch.extended(12, 3, 4, 0))
        .hasMessage("3 rows in 1 sequences cannot become 12 in 3 of 1 to 4 rows");
    assertThatThrownBy(() -> batch.extended(4, 3, 4, 0))
        .hasMessage("3 rows in 1 sequences cannot become 4 in 3 of 1 to 4 rows");
    assertThatThrownBy(() -> batch.extended(3, 0, 4, 0))
        .hasMessage("3 rows in 1 sequences cannot become 3 in 0 of 1 to 4 rows");
    assertThat(batch.extended(11, 3, 4, 0).cuSeqlens()).containsExactly(0, 3, 7, 11);
  }

  private static void assertGroups(Groups groups, int[] order, int[] keys, int[] starts) {
    assertThat(groups.order()).containsExactly(order);
    assertThat(groups.keys()).containsExactly(keys);
    assertThat(groups.starts()).containsExactly(starts);
  }
}
