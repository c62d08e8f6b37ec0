package org.mirror4j.research.cases;

import java.util.SplittableRandom;

/**
 * A packed batch of so many tokens in so many sequences. Each sequence has the two special tokens
 * and one piece of text where tokens suffice; the others fall to sequences at random, as the pieces
 * of words and the words of sentences do.
 *
 * @param starts first row of each sequence, and the number of rows
 * @param longest rows of the longest sequence
 */
public record SequenceLengths(int[] starts, int longest) {
  private static final int SHORTEST = 3;

  /**
   * Draws lengths.
   *
   * @throws IllegalArgumentException if there are fewer tokens than sequences
   */
  public static SequenceLengths of(int tokens, int sequences, SplittableRandom random) {
    if (tokens < sequences || sequences == 0 && tokens > 0) {
      throw new IllegalArgumentException(
          "%d tokens in %d sequences, expected at least one in each".formatted(tokens, sequences));
    }
    int[] lengths = new int[sequences];
    int shortest = sequences == 0 ? 0 : Math.min(SHORTEST, tokens / sequences);
    java.util.Arrays.fill(lengths, shortest);
    for (int t = shortest * sequences; t < tokens; t++) {
      lengths[random.nextInt(sequences)]++;
    }
    return of(lengths);
  }

  /** A batch of sequences of these lengths. */
  public static SequenceLengths of(int[] lengths) {
    int[] starts = new int[lengths.length + 1];
    int longest = 0;
    for (int s = 0; s < lengths.length; s++) {
      starts[s + 1] = starts[s] + lengths[s];
      longest = Math.max(longest, lengths[s]);
    }
    return new SequenceLengths(starts, longest);
  }

  public int sequences() {
    return starts.length - 1;
  }

  public int length(int sequence) {
    return starts[sequence + 1] - starts[sequence];
  }

  /** Rows of each sequence that are no padding: all. */
  int[] keyLengths() {
    int[] lengths = new int[sequences()];
    for (int s = 0; s < lengths.length; s++) {
      lengths[s] = length(s);
    }
    return lengths;
  }
}
