package org.mirror4j.device.launch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.mirror4j.tensor.Allocator;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/**
 * Buffers that live within one operation, by name: partial sums between its launches. They grow to
 * the largest size asked for, so that steps of known sizes allocate nothing. A buffer that is
 * outgrown stays allocated, because launches that were recorded with it may be replayed; growing at
 * least twofold bounds the waste by what is in use.
 */
final class LaunchScratch {
  private final Driver driver;
  private final Map<String, Tensor> vectors = new HashMap<>();
  private final Map<String, List<Tensor>> matrices = new HashMap<>();
  private boolean recording;

  LaunchScratch(Driver driver) {
    this.driver = driver;
  }

  /** A vector of unspecified content. */
  Tensor vector(String name, DType dtype, int size) {
    Tensor tensor = vectors.get(name);
    if (tensor == null || tensor.capacity() < size) {
      int capacity = tensor == null ? size : grown(size, tensor.capacity());
      tensor = Tensor.at(allocate(name, dtype, capacity), name, dtype, Shape.of(capacity));
      vectors.put(name, tensor);
    }
    return tensor.rows(size);
  }

  /** A matrix of unspecified content; one buffer for each number of columns. */
  Tensor matrix(String name, DType dtype, int rows, int columns) {
    List<Tensor> widths = matrices.get(name);
    if (widths == null) {
      widths = new ArrayList<>();
      matrices.put(name, widths);
    }
    for (int i = 0; i < widths.size(); i++) {
      Tensor tensor = widths.get(i);
      if (tensor.columns() == columns) {
        if (tensor.capacity() < rows) {
          tensor = newMatrix(name, dtype, grown(rows, tensor.capacity()), columns);
          widths.set(i, tensor);
        }
        return tensor.rows(rows);
      }
    }
    widths.add(newMatrix(name, dtype, rows, columns));
    return widths.getLast();
  }

  private Tensor newMatrix(String name, DType dtype, int rows, int columns) {
    long address = allocate(name, dtype, (long) rows * columns);
    return Tensor.at(address, name, dtype, Shape.of(rows, columns));
  }

  private static int grown(int size, int before) {
    return (int) Math.max(size, Math.min(2L * before, Integer.MAX_VALUE));
  }

  private long allocate(String name, DType dtype, long size) {
    if (recording) {
      throw new IllegalStateException(name + ": scratch grows while launches are recorded");
    }
    return driver.allocate(Math.max(Allocator.ALIGNMENT, size * dtype.bytes()));
  }

  /** While recording nothing may be allocated. */
  void recording(boolean recording) {
    this.recording = recording;
  }
}
