package org.mirror4j.bert;

import java.util.OptionalInt;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;

/** A packed batch in the memory of a device. The buffers are planned once and filled each step. */
public final class BatchTensors {
  private final Device device;
  private final Tensor tokenIds;
  private final Tensor positionIds;
  private final Tensor tokenTypeIds;
  private final Tensor cuSeqlens;
  private final Tensor keyLengths;
  private final Tensor textRows;
  private final OptionalInt rowToken;

  /** On their way to {@link #textRows}. */
  private final int[] rows;

  private final Tensor textCuSeqlens;
  private final Tensor textKeyLengths;
  private final RowSegments words;
  private final RowSegments positions;
  private final RowSegments tokenTypes;
  private int maxSeqlen;

  /** Whether all of the memory of {@link #tokenTypeIds} is 0. */
  private boolean allOfTypeZero;

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   */
  public BatchTensors(Device device, Workspace workspace, BatchSize size) {
    this(device, workspace, size, OptionalInt.empty());
  }

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param rowToken the token whose row may stand for its text; empty for the first row
   */
  public BatchTensors(Device device, Workspace workspace, BatchSize size, OptionalInt rowToken) {
    this.device = device;
    this.rowToken = rowToken;
    rows = rowToken.isPresent() ? new int[size.sequences()] : null;
    int tokens = size.tokens();
    tokenIds = workspace.i32("tokenIds", tokens);
    positionIds = workspace.i32("positionIds", tokens);
    tokenTypeIds = workspace.i32("tokenTypeIds", tokens);
    int sequences = size.sequences() + size.paddingSequences();
    cuSeqlens = workspace.i32("cuSeqlens", sequences + 1);
    keyLengths = workspace.i32("keyLengths", sequences);
    textRows =
        rowToken.isPresent()
            ? workspace.i32("textRows", size.sequences())
            : cuSeqlens.view("textRows", 0, Shape.of(size.sequences()));
    textCuSeqlens = cuSeqlens.view("textCuSeqlens", 0, Shape.of(size.sequences() + 1));
    textKeyLengths = keyLengths.view("textKeyLengths", 0, Shape.of(size.sequences()));
    words = RowSegments.plan(workspace, "words", tokens);
    positions = RowSegments.plan(workspace, "positions", tokens);
    tokenTypes = RowSegments.plan(workspace, "tokenTypes", tokens);
  }

  /**
   * Fills the buffers with a batch no larger than planned. Operations may still be running, but all
   * that use the buffers have been waited for.
   *
   * @throws IllegalArgumentException if a text lacks the token whose row is to stand for it
   */
  public void upload(PackedBatch batch) {
    if (rowToken.isPresent()) {
      batch.lastRows(rowToken.getAsInt(), rows);
    }
    put(tokenIds, batch.tokenIds());
    put(positionIds, batch.positionIds());
    put(cuSeqlens, batch.cuSeqlens());
    put(keyLengths, batch.keyLengths());
    upload(device, words, batch.words());
    upload(device, positions, batch.positions());
    putTokenTypes(batch);
    textRows.rows(batch.sequences());
    if (rowToken.isPresent()) {
      device.prefetch(textRows, rows);
    }
    textCuSeqlens.rows(batch.sequences() + 1);
    textKeyLengths.rows(batch.sequences());
    maxSeqlen = batch.maxSeqlen();
  }

  /** Batches without pairs, which most are, one after another, upload nothing. */
  private void putTokenTypes(PackedBatch batch) {
    boolean zero = batch.tokenTypeIds().length == 0;
    if (!zero) {
      put(tokenTypeIds, batch.tokenTypeIds());
    } else if (!allOfTypeZero) {
      put(tokenTypeIds, new int[tokenTypeIds.capacity()]);
    }
    if (!zero || !allOfTypeZero) {
      upload(device, tokenTypes, batch.tokenTypes());
    }
    tokenTypeIds.rows(batch.totalTokens());
    allOfTypeZero = zero;
  }

  /**
   * Fills the buffers of groups of rows.
   *
   * @param segments planned for as many at least; nothing that runs has use of them
   */
  public static void upload(Device device, RowSegments segments, PackedBatch.Groups groups) {
    put(device, segments.order(), groups.order());
    put(device, segments.keys(), groups.keys());
    put(device, segments.starts(), groups.starts());
  }

  private void put(Tensor tensor, int[] values) {
    put(device, tensor, values);
  }

  private static void put(Device device, Tensor tensor, int[] values) {
    device.prefetch(tensor.rows(values.length), values);
  }

  /** i32[tokens]. */
  public Tensor tokenIds() {
    return tokenIds;
  }

  /** i32[tokens]. */
  public Tensor positionIds() {
    return positionIds;
  }

  /** i32[tokens]. */
  public Tensor tokenTypeIds() {
    return tokenTypeIds;
  }

  /** i32[sequences + 1], first row of each sequence. */
  public Tensor cuSeqlens() {
    return cuSeqlens;
  }

  /** i32[sequences], real tokens of each sequence. */
  public Tensor keyLengths() {
    return keyLengths;
  }

  /**
   * i32[sequences of text], the row of each that may stand for it: the first, or the last of the
   * token that was asked for.
   */
  public Tensor textRows() {
    return textRows;
  }

  /**
   * The leading part of {@link #cuSeqlens} that is about text: padding sequences are not pooled.
   */
  public Tensor textCuSeqlens() {
    return textCuSeqlens;
  }

  /** The leading part of {@link #keyLengths} that is about text. */
  public Tensor textKeyLengths() {
    return textKeyLengths;
  }

  /** Rows by token id. */
  public RowSegments words() {
    return words;
  }

  /** Rows by position id. */
  public RowSegments positions() {
    return positions;
  }

  /** Rows by token type id, without those of type 0. */
  public RowSegments tokenTypes() {
    return tokenTypes;
  }

  /** Rows of the batch. */
  public int tokens() {
    return tokenIds.rows();
  }

  /** Sequences of the batch, padding sequences included. */
  public int sequences() {
    return keyLengths.rows();
  }

  /** Rows of the longest sequence, or more. */
  public int maxSeqlen() {
    return maxSeqlen;
  }
}
