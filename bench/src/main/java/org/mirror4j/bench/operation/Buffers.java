package org.mirror4j.bench.operation;

import java.util.Random;
import org.mirror4j.device.Device;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** Tensors of a device with content. */
final class Buffers implements AutoCloseable {
  private final Device device;
  private final Workspace workspace;

  Buffers(Device device) {
    this.device = device;
    workspace = new Workspace(device);
  }

  Device device() {
    return device;
  }

  /** Values from a normal distribution, a function of seed and sizes. */
  static float[] gaussian(int seed, int... sizes) {
    int size = 1;
    for (int dimension : sizes) {
      size *= dimension;
    }
    Random random = new Random(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  Tensor gaussianTensor(int seed, int... sizes) {
    Tensor tensor = empty(sizes);
    device.upload(tensor, gaussian(seed, sizes));
    return tensor;
  }

  Tensor ones(int... sizes) {
    Tensor tensor = empty(sizes);
    device.kernels().memory().fill(tensor, 1);
    return tensor;
  }

  Tensor empty(int... sizes) {
    Tensor tensor = workspace.f32("buffer", sizes);
    device.kernels().memory().fill(tensor, 0);
    return tensor;
  }

  Tensor integers(int... values) {
    Tensor tensor = workspace.i32("integers", values.length);
    device.upload(tensor, values);
    return tensor;
  }

  float[] download(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.size())];
    device.download(values, tensor);
    return values;
  }

  @Override
  public void close() {
    workspace.close();
  }
}
