package org.mirror4j.objective;

import org.mirror4j.device.Device;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * The logits of a head, [rows, columns], f32 whatever the storage type: 8 bits of bf16 would make
 * many of them equal, and answers are chosen by their order. Their gradient, which a loss leaves in
 * their place, goes back to the encoder in the storage type, as products take it.
 */
final class HeadLogits {
  private final Device device;
  private final Tensor values;

  /** The gradient in the storage type; {@link #values} where that is f32. */
  private final Tensor narrow;

  private final DownloadedLogits downloaded;

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param name what the names of the buffers start with
   * @param storage type of the products
   * @param maxRows the most rows at once
   * @param columns of each
   */
  HeadLogits(
      Device device, Workspace workspace, String name, DType storage, int maxRows, int columns) {
    this.device = device;
    values = workspace.f32(name + ".logits", maxRows, columns);
    narrow =
        storage == DType.F32
            ? values
            : workspace.tensor(name + ".logitsGradient", storage, Shape.of(maxRows, columns));
    downloaded = new DownloadedLogits(device, workspace, DType.F32, maxRows, columns);
  }

  /** Takes the number of rows. */
  void rows(int rows) {
    values.rows(rows);
    narrow.rows(rows);
  }

  /** Products without bias, written by a head; after a loss its gradient. */
  Tensor values() {
    return values;
  }

  /** The gradient that a loss left in {@link #values}, rounded to the storage type. */
  Tensor gradient() {
    if (narrow != values) {
      device.kernels().memory().convert(narrow, values);
    }
    return narrow;
  }

  /**
   * The logits with their bias.
   *
   * @param bias [columns], f32
   * @return [rows, columns] from the start, valid until the next call
   */
  float[] download(Tensor bias) {
    return downloaded.of(values, bias);
  }
}
