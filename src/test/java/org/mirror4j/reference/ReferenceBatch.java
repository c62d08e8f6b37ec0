package org.mirror4j.reference;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A packed batch of sequences, end to end.
 *
 * @param tokenIds of each sequence, padding rows included where there are any
 * @param positionIds of each sequence, as many as tokens
 * @param tokenTypeIds of each sequence, as many as tokens
 * @param keyLengths leading real tokens of each sequence, at least 1; the rows after them are
 *     padding, computed but never attended to
 * @param maxSeqlen at least the rows of the longest sequence
 */
public record ReferenceBatch(
    int[][] tokenIds, int[][] positionIds, int[][] tokenTypeIds, int[] keyLengths, int maxSeqlen) {

  /** Refuses arrays that do not belong together. */
  public ReferenceBatch {
    if (positionIds.length != tokenIds.length || keyLengths.length != tokenIds.length) {
      throw new IllegalArgumentException(
          "positions of %d and key lengths of %d sequences, expected %d"
              .formatted(positionIds.length, keyLengths.length, tokenIds.length));
    }
    for (int s = 0; s < tokenIds.length; s++) {
      int rows = tokenIds[s].length;
      if (positionIds[s].length != rows
          || tokenTypeIds[s].length != rows
          || keyLengths[s] < 1
          || keyLengths[s] > rows
          || rows > maxSeqlen) {
        throw new IllegalArgumentException(
            "sequence %d: %d tokens, %d positions, %d token types, key length %d, expected at most %d"
                .formatted(
                    s,
                    rows,
                    positionIds[s].length,
                    tokenTypeIds[s].length,
                    keyLengths[s],
                    maxSeqlen));
      }
    }
  }

  /** All tokens of type 0. */
  public ReferenceBatch(int[][] tokenIds, int[][] positionIds, int[] keyLengths, int maxSeqlen) {
    this(
        tokenIds,
        positionIds,
        Arrays.stream(tokenIds).map(ids -> new int[ids.length]).toArray(int[][]::new),
        keyLengths,
        maxSeqlen);
  }

  /** This batch with tokens of these types. */
  public ReferenceBatch withTokenTypes(int[][] ids) {
    return new ReferenceBatch(tokenIds, positionIds, ids, keyLengths, maxSeqlen);
  }

  /** Sequences without padding, positions from 0 (BERT). */
  public static ReferenceBatch of(int[][] tokenIds) {
    int[][] positionIds =
        Arrays.stream(tokenIds).map(ids -> bertPositions(ids.length)).toArray(int[][]::new);
    return of(tokenIds, positionIds);
  }

  /** Sequences without padding, any positions. */
  public static ReferenceBatch of(int[][] tokenIds, int[][] positionIds) {
    int[] lengths = lengths(tokenIds);
    return new ReferenceBatch(
        tokenIds, positionIds, lengths, Arrays.stream(lengths).max().orElse(0));
  }

  /** Sequences padded to {@code rows} rows each, positions from 0 on padding too (BERT). */
  public static ReferenceBatch padded(int[][] tokenIds, int rows, int padTokenId) {
    int[][] padded = new int[tokenIds.length][];
    int[][] positionIds = new int[tokenIds.length][];
    for (int s = 0; s < tokenIds.length; s++) {
      padded[s] = Arrays.copyOf(tokenIds[s], rows);
      Arrays.fill(padded[s], tokenIds[s].length, rows, padTokenId);
      positionIds[s] = bertPositions(rows);
    }
    return new ReferenceBatch(padded, positionIds, lengths(tokenIds), rows);
  }

  private static int[] lengths(int[][] tokenIds) {
    return Arrays.stream(tokenIds).mapToInt(ids -> ids.length).toArray();
  }

  /** Positions of BERT: 0, 1, 2, ... */
  public static int[] bertPositions(int rows) {
    return IntStream.range(0, rows).toArray();
  }

  /** Positions of RoBERTa: real tokens count from padTokenId + 1, padding has padTokenId. */
  public static int[] robertaPositions(int realTokens, int rows, int padTokenId) {
    return IntStream.range(0, rows)
        .map(i -> i < realTokens ? padTokenId + 1 + i : padTokenId)
        .toArray();
  }

  /** Number of sequences. */
  public int sequences() {
    return tokenIds.length;
  }

  /** Rows of a sequence, padding included. */
  public int rows(int sequence) {
    return tokenIds[sequence].length;
  }

  /** First packed row of a sequence; of {@code sequences()}: the number of all rows. */
  public int start(int sequence) {
    return Arrays.stream(tokenIds, 0, sequence).mapToInt(ids -> ids.length).sum();
  }

  /** Rows of the whole packed batch. */
  public int totalTokens() {
    return start(sequences());
  }

  /** First packed row of every sequence, then the number of all rows. */
  public int[] cuSeqlens() {
    return IntStream.rangeClosed(0, sequences()).map(this::start).toArray();
  }
}
