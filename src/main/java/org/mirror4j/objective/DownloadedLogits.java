package org.mirror4j.objective;

import org.mirror4j.device.Device;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** Logits on their way from a device, where they lie without bias and in the storage type. */
final class DownloadedLogits {
  private final Device device;

  /** The products as f32; null where they are. */
  private final Tensor wide;

  private final float[] logits;
  private final float[] bias;

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param storage type of the products
   * @param maxRows the most rows at once
   * @param columns of each
   */
  DownloadedLogits(Device device, Workspace workspace, DType storage, int maxRows, int columns) {
    this.device = device;
    wide = storage == DType.F32 ? null : workspace.f32("logits", maxRows, columns);
    logits = new float[Math.multiplyExact(maxRows, columns)];
    bias = new float[columns];
  }

  /**
   * The logits with their bias.
   *
   * @param products [rows, columns]
   * @param columnBias [columns], f32
   * @return [rows, columns] from the start, valid until the next call
   */
  float[] of(Tensor products, Tensor columnBias) {
    Tensor values = products;
    if (wide != null) {
      device.kernels().memory().convert(wide.rows(products.rows()), products);
      values = wide;
    }
    device.download(bias, columnBias);
    device.download(logits, values);
    for (int row = 0; row < products.rows(); row++) {
      int from = row * bias.length;
      for (int column = 0; column < bias.length; column++) {
        logits[from + column] += bias[column];
      }
    }
    return logits;
  }
}
