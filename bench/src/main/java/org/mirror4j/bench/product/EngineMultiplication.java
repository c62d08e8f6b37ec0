package org.mirror4j.bench.product;

import org.mirror4j.device.host.HostDevice;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** A product by {@code Kernels.gemm} on the CPU. */
final class EngineMultiplication implements Multiplication {
  private final ProductShape product;
  private final HostDevice device;
  private final Workspace workspace;
  private final Tensor a;
  private final Tensor b;
  private final Tensor c;

  EngineMultiplication(
      ProductShape product, DType storage, float[] a, float[] b, HostDevice device) {
    this.product = product;
    this.device = device;
    workspace = new Workspace(device);
    this.a = stored("a", storage, product.rowsOfA(), product.columnsOfA(), a);
    this.b = stored("b", storage, product.rowsOfB(), product.columnsOfB(), b);
    c = workspace.f32("c", product.m(), product.n());
  }

  private Tensor stored(String name, DType storage, int rows, int columns, float[] values) {
    Tensor full = workspace.f32(name, rows, columns);
    device.upload(full, values);
    if (storage == DType.F32) {
      return full;
    }
    Tensor stored = workspace.tensor(name, storage, Shape.of(rows, columns));
    device.kernels().memory().convert(stored, full);
    return stored;
  }

  @Override
  public void run() {
    device.kernels().product().gemm(product.spec(), c, a, b);
  }

  @Override
  public float[] result() {
    float[] values = new float[Math.toIntExact(c.size())];
    device.download(values, c);
    return values;
  }

  @Override
  public void close() {
    workspace.close();
  }
}
