package org.mirror4j.objective.coreference;

import org.mirror4j.bert.BatchTensors;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch.Groups;

/**
 * The buffers of {@link SpanRanking} by name, and the way of indices to them.
 *
 * @param workspace may only count
 * @param storage type of activations and their gradients
 */
record SpanBuffers(Device device, Workspace workspace, DType storage) {
  /** A matrix in the storage type. */
  Tensor stored(String name, int rows, int columns) {
    return workspace.tensor("coreference." + name, storage, Shape.of(rows, columns));
  }

  /** A matrix in f32. */
  Tensor f32(String name, int rows, int columns) {
    return workspace.f32("coreference." + name, rows, columns);
  }

  /** A vector in f32. */
  Tensor f32(String name, int size) {
    return workspace.f32("coreference." + name, size);
  }

  /** A vector of indices. */
  Tensor indices(String name, int size) {
    return workspace.i32("coreference." + name, size);
  }

  /** Groups of at most so many rows. */
  RowSegments segments(String name, int rows) {
    return RowSegments.plan(workspace, "coreference." + name, rows);
  }

  /** Brings indices to the device, of which nothing that runs has use. */
  void put(Tensor tensor, int[] values) {
    device.prefetch(tensor.rows(values.length), values);
  }

  /** Groups rows by a key of each. */
  void put(RowSegments segments, int[] keyOfRow) {
    BatchTensors.upload(device, segments, Groups.of(keyOfRow));
  }
}
