package org.mirror4j.device.host;

import org.mirror4j.tensor.Tensor;

/**
 * {@link org.mirror4j.device.operation.Loss#squaredError}: by scalars and by the thread that asks,
 * as there is one number for all that an encoder has computed of a row.
 */
final class HostSquaredError {
  private final HostScratch scratch;

  HostSquaredError(HostScratch scratch) {
    this.scratch = scratch;
  }

  void squaredError(
      Tensor loss, Tensor x, Tensor bias, Tensor targets, Tensor weights, Tensor gradientScale) {
    int rows = x.rows();
    float shift = HostAllocator.f32(bias.address(), 0);
    float scale = 2 * HostAllocator.f32(gradientScale.address(), 0);
    long values = StoredRow.load(x, 0, rows, scratch.floats(rows));
    for (int r = 0; r < rows; r++) {
      float weight = HostAllocator.f32(weights.address(), r);
      if (weight == 0) {
        HostAllocator.f32(loss.address(), r, 0);
        HostAllocator.f32(values, r, 0);
        continue;
      }
      float error = HostAllocator.f32(values, r) + shift - HostAllocator.f32(targets.address(), r);
      float weighted = weight * error;
      HostAllocator.f32(loss.address(), r, weighted * error);
      HostAllocator.f32(values, r, scale * weighted);
    }
    StoredRow.store(x, 0, rows, values);
  }
}
