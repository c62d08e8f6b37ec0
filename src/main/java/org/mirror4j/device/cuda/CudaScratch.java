package org.mirror4j.device.cuda;

import java.util.HashMap;
import java.util.Map;
import org.mirror4j.tensor.Allocator;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/**
 * Buffers that live within one operation, by name: partial sums between its launches. They grow to
 * the largest size asked for and stay, so that steps of known sizes allocate nothing.
 */
final class CudaScratch {
  private final Driver driver;
  private final Map<String, Tensor> vectors = new HashMap<>();
  private final Map<String, Tensor> matrices = new HashMap<>();
  private boolean recording;

  CudaScratch(Driver driver) {
    this.driver = driver;
  }

  /** A vector of unspecified content. */
  Tensor vector(String name, DType dtype, int size) {
    Tensor tensor = vectors.get(name);
    if (tensor == null || tensor.capacity() < size) {
      release(tensor);
      tensor = Tensor.at(allocate(name, dtype, size), name, dtype, Shape.of(size));
      vectors.put(name, tensor);
    }
    return tensor.rows(size);
  }

  /** A matrix of unspecified content. */
  Tensor matrix(String name, DType dtype, int rows, int columns) {
    Tensor tensor = matrices.get(name);
    if (tensor == null || tensor.capacity() < rows || tensor.columns() != columns) {
      release(tensor);
      tensor =
          Tensor.at(
              allocate(name, dtype, (long) rows * columns), name, dtype, Shape.of(rows, columns));
      matrices.put(name, tensor);
    }
    return tensor.rows(rows);
  }

  private long allocate(String name, DType dtype, long size) {
    if (recording) {
      throw new IllegalStateException(name + ": scratch grows while launches are recorded");
    }
    return driver.allocate(Math.max(Allocator.ALIGNMENT, size * dtype.bytes()));
  }

  private void release(Tensor tensor) {
    if (tensor != null) {
      driver.free(tensor.address());
    }
  }

  /** While recording nothing may be allocated. */
  void recording(boolean recording) {
    this.recording = recording;
  }
}
