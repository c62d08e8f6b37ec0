package org.mirror4j.device.host;

import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/**
 * Runs of a tensor as f32, whatever it is stored as: how every operation but the matrix product
 * computes in bf16. Each formula is one loop over f32s. A run of bf16 is widened into scratch
 * memory that stays in the first-level cache, computed there, and narrowed to nearest even when
 * done; a run of f32 is computed where it lies, and nothing is copied.
 *
 * <p>Use: {@link #load} what is read, compute into {@link #room}, {@link #store} what is written.
 */
final class StoredRow {
  private StoredRow() {}

  /** Address of element {@code index} of a tensor. */
  static long at(Tensor tensor, long index) {
    return tensor.address() + tensor.dtype().bytes() * index;
  }

  /**
   * Where to read {@code count} elements from {@code first} on.
   *
   * @param scratch room for {@code count} f32s, overwritten unless the tensor is f32
   */
  static long load(Tensor x, long first, int count, long scratch) {
    if (x.dtype() == DType.F32) {
      return at(x, first);
    }
    Bfloat16.widen(scratch, at(x, first), count);
    return scratch;
  }

  /** Where to compute elements from {@code first} on: in place, or in {@code scratch}. */
  static long room(Tensor y, long first, long scratch) {
    return y.dtype() == DType.F32 ? at(y, first) : scratch;
  }

  /** Writes what was computed where {@link #room} said. */
  static void store(Tensor y, long first, int count, long values) {
    if (y.dtype() != DType.F32) {
      Bfloat16.narrow(at(y, first), values, count);
    }
  }

  /** {@code to = x}: what is changed afterwards is a copy. */
  static void read(Tensor x, long first, int count, long to) {
    if (x.dtype() == DType.F32) {
      RowLoops.copy(to, at(x, first), count);
    } else {
      Bfloat16.widen(to, at(x, first), count);
    }
  }

  /** {@code y = values}, computed elsewhere. */
  static void write(Tensor y, long first, int count, long values) {
    if (y.dtype() == DType.F32) {
      RowLoops.copy(at(y, first), values, count);
    } else {
      Bfloat16.narrow(at(y, first), values, count);
    }
  }

  /** Writes zeros. */
  static void zero(Tensor y, long first, int count, long scratch) {
    long zeros = room(y, first, scratch);
    RowLoops.fill(zeros, 0f, count);
    store(y, first, count, zeros);
  }

  /** Writes it and rounds it there too: what later passes over the row read is what is stored. */
  static void round(Tensor y, long first, int count, long values) {
    if (y.dtype() != DType.F32) {
      Bfloat16.narrow(at(y, first), values, count);
      Bfloat16.widen(values, at(y, first), count);
    }
  }
}
