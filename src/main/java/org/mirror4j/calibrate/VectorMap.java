package org.mirror4j.calibrate;

import org.mirror4j.device.Device;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * What maps the pooled vectors of a model to others, perhaps of another width, before they are
 * normalised: a Dense module, a calibration. Its weights are in the memory of a device, where
 * several devices of this process may read them once they are published.
 */
public interface VectorMap {
  /** Values of a vector before. */
  int inputWidth();

  /** Values of a vector after. */
  int outputWidth();

  /**
   * Plans the buffers of passes on a device that may read the weights.
   *
   * @param workspace may only count
   * @param rows most vectors of a pass
   */
  Pass plan(Device device, Workspace workspace, int rows);

  /** Maps vectors on a device. */
  @FunctionalInterface
  interface Pass {
    /**
     * Maps vectors.
     *
     * @param vectors f32[rows, inputWidth]; may be changed
     * @return f32[rows, outputWidth], valid until the next call
     */
    Tensor forward(Tensor vectors);
  }
}
