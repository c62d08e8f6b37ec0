package org.mirror4j.device.host;

import org.mirror4j.device.operation.Row.WeightedSpans;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.Tensor;

/**
 * Checks of the integers that kernels address memory with. A shape says nothing about them, and a
 * bad one would read or write elsewhere.
 */
final class HostIndices {
  private HostIndices() {}

  /**
   * Requires {@code 0 <= indices[i] < limit}.
   *
   * @throws IllegalArgumentException if one is not
   */
  static void requireBelow(String operation, Tensor indices, int limit) {
    require(operation, indices, 0, limit, "");
  }

  /**
   * Requires {@code 0 <= indices[i] < limit}, or -1.
   *
   * @throws IllegalArgumentException if one is neither
   */
  static void requireBelowOrNone(String operation, Tensor indices, int limit) {
    require(operation, indices, -1, limit, ", or -1 for none");
  }

  private static void require(
      String operation, Tensor indices, int least, int limit, String otherwise) {
    long address = indices.address();
    int count = indices.rows();
    for (int i = 0; i < count; i++) {
      int index = HostAllocator.i32(address, i);
      if (index < least || index >= limit) {
        throw new IllegalArgumentException(
            "%s: %s[%d] is %d, expected 0 to %d%s"
                .formatted(operation, indices.name(), i, index, limit - 1, otherwise));
      }
    }
  }

  /**
   * Requires boundaries from 0 to {@code tokens}, sequences of 1 to {@code maxSeqlen} rows and key
   * lengths of 1 to the sequence's rows.
   *
   * @throws IllegalArgumentException if one is not
   */
  static void requireSequences(
      String operation, Tensor cuSeqlens, Tensor keyLengths, int tokens, int maxSeqlen) {
    int end = sequences(operation, cuSeqlens, maxSeqlen);
    requireKeys(operation, cuSeqlens, keyLengths);
    if (end != tokens) {
      throw new IllegalArgumentException(
          "%s: %s ends with %d, expected %d, the rows of the batch"
              .formatted(operation, cuSeqlens.name(), end, tokens));
    }
  }

  /**
   * Requires the same of sequences that rows of no sequence may follow.
   *
   * @throws IllegalArgumentException if it does not hold
   */
  static void requireLeadingSequences(
      String operation, Tensor cuSeqlens, Tensor keyLengths, int tokens) {
    requireLeadingSequences(operation, cuSeqlens, tokens);
    requireKeys(operation, cuSeqlens, keyLengths);
  }

  /**
   * Requires boundaries from 0 to at most {@code tokens} and sequences of at least one row.
   *
   * @throws IllegalArgumentException if it does not hold
   */
  static void requireLeadingSequences(String operation, Tensor cuSeqlens, int tokens) {
    int end = sequences(operation, cuSeqlens, Integer.MAX_VALUE);
    if (end > tokens) {
      throw new IllegalArgumentException(
          "%s: %s ends with %d, expected at most %d, the rows of the batch"
              .formatted(operation, cuSeqlens.name(), end, tokens));
    }
  }

  /**
   * Requires {@code rows[s, c]} to be a row of sequence s, counted from its first one, or -1.
   *
   * @param rows i32[sequences, columns]
   * @throws IllegalArgumentException if one is neither
   */
  static void requireRowsOrNone(String operation, Tensor rows, Tensor cuSeqlens) {
    int columns = rows.columns();
    for (int s = 0; s < rows.rows(); s++) {
      int length =
          HostAllocator.i32(cuSeqlens.address(), s + 1) - HostAllocator.i32(cuSeqlens.address(), s);
      for (int c = 0; c < columns; c++) {
        int row = HostAllocator.i32(rows.address(), (long) s * columns + c);
        if (row < -1 || row >= length) {
          throw new IllegalArgumentException(
              "%s: %s[%d, %d] is %d, expected 0 to %d, or -1 for none"
                  .formatted(operation, rows.name(), s, c, row, length - 1));
        }
      }
    }
  }

  /** The row after the last sequence. */
  private static int sequences(String operation, Tensor cuSeqlens, int maxSeqlen) {
    long boundaries = cuSeqlens.address();
    int start = HostAllocator.i32(boundaries, 0);
    if (start != 0) {
      throw new IllegalArgumentException(
          "%s: %s starts with %d, expected 0".formatted(operation, cuSeqlens.name(), start));
    }
    for (int s = 0; s < cuSeqlens.rows() - 1; s++) {
      int end = HostAllocator.i32(boundaries, s + 1);
      if (end <= start || end - start > maxSeqlen) {
        throw new IllegalArgumentException(
            "%s: sequence %d has rows %d to %d, expected 1 to %d rows"
                .formatted(operation, s, start, end - 1, maxSeqlen));
      }
      start = end;
    }
    return start;
  }

  private static void requireKeys(String operation, Tensor cuSeqlens, Tensor keyLengths) {
    for (int s = 0; s < keyLengths.rows(); s++) {
      int rows =
          HostAllocator.i32(cuSeqlens.address(), s + 1) - HostAllocator.i32(cuSeqlens.address(), s);
      int keys = HostAllocator.i32(keyLengths.address(), s);
      if (keys < 1 || keys > rows) {
        throw new IllegalArgumentException(
            "%s: %s[%d] is %d, expected 1 to %d, the rows of the sequence"
                .formatted(operation, keyLengths.name(), s, keys, rows));
      }
    }
  }

  /**
   * Requires a grouping of rows into ascending runs of an order of them, each for a table row. Rows
   * after the last run are in none: padding, which no table row learns from.
   *
   * @param rows that are grouped
   * @param tableRows what keys are below
   * @throws IllegalArgumentException if it is not one
   */
  static void requireSegments(String operation, RowSegments segments, int rows, int tableRows) {
    Tensor starts = segments.starts();
    int ordered = segments.order().rows();
    requireBelow(operation, segments.order(), rows);
    requireBelow(operation, segments.keys(), tableRows);
    int last = 0;
    for (int i = 0; i < starts.rows(); i++) {
      int start = HostAllocator.i32(starts.address(), i);
      if (i == 0 ? start != 0 : start < last || start > ordered) {
        throw new IllegalArgumentException(
            "%s: %s[%d] is %d, expected ascending from 0 to at most %d"
                .formatted(operation, starts.name(), i, start, ordered));
      }
      last = start;
    }
  }

  /**
   * Requires spans of 0 to {@code longest} rows of x, in the order of their first ones.
   *
   * @throws IllegalArgumentException if one is another, or not in order
   */
  static void requireSpans(String operation, WeightedSpans spans) {
    long first = spans.from().address();
    int rows = spans.x().rows();
    int last = 0;
    for (int s = 0; s < spans.from().rows(); s++) {
      int from = HostAllocator.i32(first, s);
      int to = HostAllocator.i32(spans.to().address(), s);
      if (from < last || from > rows) {
        throw new IllegalArgumentException(
            "%s: %s[%d] is %d, expected ascending from 0 to at most %d"
                .formatted(operation, spans.from().name(), s, from, rows));
      }
      if (to < from || to > rows || to - from > spans.longest()) {
        throw new IllegalArgumentException(
            "%s: %s[%d] is %d, expected %d to %d"
                .formatted(
                    operation,
                    spans.to().name(),
                    s,
                    to,
                    from,
                    Math.min(rows, (long) from + spans.longest())));
      }
      last = from;
    }
  }
}
