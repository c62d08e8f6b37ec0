package org.mirror4j.text;

import java.util.Arrays;

/**
 * Sequences of token ids laid end to end, with what the encoder needs to know of them. The arrays
 * belong to the batch and must not be changed.
 *
 * @param tokenIds [totalTokens]
 * @param positionIds [totalTokens]
 * @param tokenTypeIds [totalTokens], 0 in padding; empty where all are 0
 * @param cuSeqlens [sequences + paddingSequences + 1], sequence {@code s} has rows {@code
 *     cuSeqlens[s] .. cuSeqlens[s + 1] - 1}
 * @param keyLengths [sequences + paddingSequences], leading rows of each sequence that are real
 *     tokens; later rows are padding
 * @param maxSeqlen rows of the longest sequence, or more
 * @param realTokens sum of {@code keyLengths} without padding sequences
 * @param paddingSequences sequences at the end that hold no text: see {@link #rounded}
 * @param words real rows by token id. Padding rows are in no group: the reference implementation
 *     keeps the gradient of the pad embedding at zero ({@code padding_idx})
 * @param positions rows by position id; rows at {@link Positions#padPosition} that are padding are
 *     in no group, for the same reason
 * @param tokenTypes rows by token type id, without those of type 0; {@link Groups#NONE} where there
 *     are no others
 */
public record PackedBatch(
    int[] tokenIds,
    int[] positionIds,
    int[] tokenTypeIds,
    int[] cuSeqlens,
    int[] keyLengths,
    int maxSeqlen,
    int realTokens,
    int paddingSequences,
    Groups words,
    Groups positions,
    Groups tokenTypes) {

  /**
   * Rows grouped by a key: group {@code g} holds rows {@code order[starts[g]] .. order[starts[g +
   * 1] - 1]}, ascending, and has key {@code keys[g]}; keys ascend. Rows of no group follow at the
   * end of {@code order}, ascending, so that it is always a permutation. Groups at the end may hold
   * no row; their key means nothing.
   *
   * @param order [rows]
   * @param keys [groups], distinct where there are rows
   * @param starts [groups + 1]
   */
  public record Groups(int[] order, int[] keys, int[] starts) {
    /** No group, and no order either. */
    public static final Groups NONE = new Groups(new int[0], new int[0], new int[1]);

    /**
     * Groups rows by key.
     *
     * @param keyOfRow key of each row, at least 0; -1 for a row of no group
     */
    public static Groups of(int[] keyOfRow) {
      int rows = keyOfRow.length;
      long[] sorted = new long[rows];
      for (int row = 0; row < rows; row++) {
        // As an unsigned number -1 is the largest key, so rows of no group come last.
        sorted[row] = Integer.toUnsignedLong(keyOfRow[row]) << 31 | row;
      }
      Arrays.sort(sorted);
      int[] order = new int[rows];
      int[] keys = new int[rows];
      int[] starts = new int[rows + 1];
      int groups = 0;
      int grouped = 0;
      for (int i = 0; i < rows; i++) {
        order[i] = (int) sorted[i] & Integer.MAX_VALUE;
        int key = keyOfRow[order[i]];
        if (key < 0) {
          continue;
        }
        if (groups == 0 || keys[groups - 1] != key) {
          keys[groups] = key;
          starts[groups] = i;
          groups++;
        }
        grouped = i + 1;
      }
      starts[groups] = grouped;
      return new Groups(order, Arrays.copyOf(keys, groups), Arrays.copyOf(starts, groups + 1));
    }

    /** Groups rows by token type, those of type 0 in no group; {@link #NONE} if all are. */
    public static Groups ofOthers(int[] tokenTypeIds) {
      int[] keys = Arrays.stream(tokenTypeIds).map(id -> id == 0 ? -1 : id).toArray();
      return Arrays.stream(keys).allMatch(key -> key < 0) ? NONE : of(keys);
    }

    /** These groups with rows of no group and with empty groups after them. */
    public Groups extended(int rows, int groups) {
      int[] allRows = Arrays.copyOf(order, rows);
      for (int row = order.length; row < rows; row++) {
        allRows[row] = row;
      }
      int[] allStarts = Arrays.copyOf(starts, groups + 1);
      Arrays.fill(allStarts, starts.length, groups + 1, starts[starts.length - 1]);
      return new Groups(allRows, Arrays.copyOf(keys, groups), allStarts);
    }
  }

  /**
   * How positions are numbered.
   *
   * @param offset position of the first token
   * @param padPosition position of every padding row; -1 if they count on from the real ones
   */
  public record Positions(int offset, int padPosition) {
    /** BERT: 0, 1, 2, ..., padding included. */
    public static final Positions BERT = new Positions(0, -1);

    /** RoBERTa and its kin: real tokens from padId + 1, padding at padId. */
    public static Positions roberta(int padId) {
      return new Positions(padId + 1, padId);
    }
  }

  /**
   * Packs sequences without padding.
   *
   * @param sequences token ids, at least one in each
   */
  public static PackedBatch of(int[][] sequences, Positions positions) {
    return of(sequences, null, positions);
  }

  /**
   * Packs sequences of several types of tokens, as pairs of texts are, without padding.
   *
   * @param sequences token ids, at least one in each
   * @param tokenTypes token type ids, one for each token id; null where all are 0
   */
  public static PackedBatch of(int[][] sequences, int[][] tokenTypes, Positions positions) {
    return pack(sequences, tokenTypes, positions, 0, 0);
  }

  /**
   * Packs sequences that are all padded to one length, as for a mean that includes padding.
   *
   * @param padTo rows of each sequence, at least the longest one's
   * @param padId token id of the padding rows
   */
  public static PackedBatch padded(int[][] sequences, Positions positions, int padTo, int padId) {
    if (padTo < 1) {
      throw new IllegalArgumentException("padTo is %d, expected at least 1".formatted(padTo));
    }
    return pack(sequences, null, positions, padTo, padId);
  }

  /**
   * This batch with padding after it, so that batches that differ a little have one shape: their
   * rows are a multiple of {@code multiple}, they have {@link #paddingSequences(int, int)}
   * sequences more, {@link #maxSeqlen} is {@code longest}, and so many groups are empty that {@link
   * #words} has one for each row and {@link #positions} one for each place in the longest sequence.
   * The rows that are added belong to no group.
   *
   * @param multiple at least 2
   * @param longest rows of a sequence, at least {@link #maxSeqlen} and 2
   * @param padId token id of the rows that are added
   */
  public PackedBatch rounded(int multiple, int longest, int padId) {
    return extended(
        roundedTokens(totalTokens(), multiple, longest),
        keyLengths.length + paddingSequences(multiple, longest),
        longest,
        padId);
  }

  /**
   * This batch with padding after it as {@link #rounded} adds it, to a shape that is given.
   *
   * @param rows of all sequences together, as many as leave each that is added one row to {@code
   *     longest}
   * @param sequences text and padding together, at least as many as there are
   * @param longest rows of a sequence, at least {@link #maxSeqlen}
   * @param padId token id of the rows that are added
   */
  public PackedBatch extended(int rows, int sequences, int longest, int padId) {
    if (longest < maxSeqlen) {
      throw new IllegalArgumentException(
          "longest is %d, expected at least maxSeqlen = %d".formatted(longest, maxSeqlen));
    }
    int before = keyLengths.length;
    int added = sequences - before;
    int padding = rows - totalTokens();
    if (added < 0 || padding < added || padding > (long) added * longest) {
      throw new IllegalArgumentException(
          "%d rows in %d sequences cannot become %d in %d of 1 to %d rows"
              .formatted(totalTokens(), before, rows, sequences, longest));
    }
    int[] allIds = Arrays.copyOf(tokenIds, rows);
    Arrays.fill(allIds, totalTokens(), rows, padId);
    int[] allCuSeqlens = Arrays.copyOf(cuSeqlens, sequences + 1);
    int[] allKeyLengths = Arrays.copyOf(keyLengths, sequences);
    for (int s = 0; s < added; s++) {
      // One key is the least there can be, and attention takes the less time for it.
      allKeyLengths[before + s] = 1;
      allCuSeqlens[before + s + 1] =
          totalTokens() + Math.toIntExact((long) padding * (s + 1) / added);
    }
    return new PackedBatch(
        allIds,
        Arrays.copyOf(positionIds, rows),
        tokenTypeIds.length == 0 ? tokenTypeIds : Arrays.copyOf(tokenTypeIds, rows),
        allCuSeqlens,
        allKeyLengths,
        longest,
        realTokens,
        paddingSequences + added,
        words.extended(rows, rows),
        positions.extended(rows, Math.min(rows, longest)),
        tokenTypes == Groups.NONE ? tokenTypes : tokenTypes.extended(rows, tokenTypes.keys.length));
  }

  /**
   * Sequences that {@link #rounded} adds: as few as can hold any number of rows that it takes to
   * reach a multiple when each has at least one row and none more than {@code longest}.
   */
  public static int paddingSequences(int multiple, int longest) {
    if (multiple < 2 || longest < 2) {
      throw new IllegalArgumentException(
          "multiple is %d and longest %d, expected at least 2".formatted(multiple, longest));
    }
    return Math.ceilDiv(multiple - 1, longest - 1);
  }

  /** Rows of a batch of {@code tokens} rows after {@link #rounded}. */
  public static int roundedTokens(int tokens, int multiple, int longest) {
    int least = Math.addExact(tokens, paddingSequences(multiple, longest));
    return Math.multiplyExact(Math.ceilDiv(least, multiple), multiple);
  }

  /** Number of sequences of text. */
  public int sequences() {
    return keyLengths.length - paddingSequences;
  }

  /** Number of rows, padding included. */
  public int totalTokens() {
    return tokenIds.length;
  }

  /**
   * Finds the last row of each text that holds a token.
   *
   * @param rows of the texts, overwritten from the first on
   * @throws IllegalArgumentException naming the first text that has none
   */
  public void lastRows(int tokenId, int[] rows) {
    for (int s = 0; s < sequences(); s++) {
      int row = cuSeqlens[s] + keyLengths[s] - 1;
      while (row >= cuSeqlens[s] && tokenIds[row] != tokenId) {
        row--;
      }
      if (row < cuSeqlens[s]) {
        throw new IllegalArgumentException(
            "sequence %d has no token %d, expected one whose row stands for it"
                .formatted(s, tokenId));
      }
      rows[s] = row;
    }
  }

  private static PackedBatch pack(
      int[][] sequences, int[][] tokenTypes, Positions positions, int padTo, int padId) {
    int count = sequences.length;
    int[] cuSeqlens = new int[count + 1];
    int[] keyLengths = new int[count];
    int maxSeqlen = 0;
    int realTokens = 0;
    for (int s = 0; s < count; s++) {
      int length = sequences[s].length;
      if (length == 0) {
        throw new IllegalArgumentException("sequence %d is empty".formatted(s));
      }
      if (padTo > 0 && length > padTo) {
        throw new IllegalArgumentException(
            "sequence %d has %d tokens, expected at most padTo = %d".formatted(s, length, padTo));
      }
      int rows = Math.max(length, padTo);
      keyLengths[s] = length;
      cuSeqlens[s + 1] = Math.addExact(cuSeqlens[s], rows);
      maxSeqlen = Math.max(maxSeqlen, rows);
      realTokens += length;
    }
    int[] tokenIds = new int[cuSeqlens[count]];
    int[] positionIds = new int[tokenIds.length];
    int[] wordKeys = new int[tokenIds.length];
    int[] positionKeys = new int[tokenIds.length];
    boolean padsCountOn = positions.padPosition() < 0;
    for (int s = 0; s < count; s++) {
      int start = cuSeqlens[s];
      for (int row = start; row < cuSeqlens[s + 1]; row++) {
        int i = row - start;
        boolean real = i < keyLengths[s];
        tokenIds[row] = real ? sequences[s][i] : padId;
        wordKeys[row] = real ? tokenIds[row] : -1;
        boolean counted = real || padsCountOn;
        positionIds[row] = counted ? positions.offset() + i : positions.padPosition();
        positionKeys[row] = counted ? positionIds[row] : -1;
      }
    }
    int[] tokenTypeIds = tokenTypeIds(sequences, tokenTypes, cuSeqlens);
    return new PackedBatch(
        tokenIds,
        positionIds,
        tokenTypeIds,
        cuSeqlens,
        keyLengths,
        maxSeqlen,
        realTokens,
        0,
        Groups.of(wordKeys),
        Groups.of(positionKeys),
        Groups.ofOthers(tokenTypeIds));
  }

  private static int[] tokenTypeIds(int[][] sequences, int[][] tokenTypes, int[] cuSeqlens) {
    boolean zero = true;
    int[] ids = new int[tokenTypes == null ? 0 : cuSeqlens[sequences.length]];
    for (int s = 0; tokenTypes != null && s < sequences.length; s++) {
      if (tokenTypes[s].length != sequences[s].length) {
        throw new IllegalArgumentException(
            "sequence %d has %d token types, expected %d, one for each token"
                .formatted(s, tokenTypes[s].length, sequences[s].length));
      }
      for (int i = 0; i < tokenTypes[s].length; i++) {
        ids[cuSeqlens[s] + i] = tokenTypes[s][i];
        zero &= tokenTypes[s][i] == 0;
      }
    }
    return zero ? new int[0] : ids;
  }
}
