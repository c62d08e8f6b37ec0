package org.mirror4j.objective;

import org.mirror4j.device.Device;
import org.mirror4j.tensor.Tensor;

/** What the gradient of a sum of losses is multiplied by: memory of a device, new in each step. */
public final class GradientScale {
  private final Device device;
  private final Tensor scale;
  private final float[] uploaded = new float[1];

  /**
   * Takes where it lies.
   *
   * @param scale f32[1]
   */
  public GradientScale(Device device, Tensor scale) {
    this.device = device;
    this.scale = scale;
  }

  /** Takes the number, for what is launched from here on. */
  public void upload(float number) {
    uploaded[0] = number;
    device.prefetch(scale, uploaded);
  }

  /** [1]. */
  public Tensor tensor() {
    return scale;
  }
}
