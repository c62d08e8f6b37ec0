package org.mirror4j.train;

import org.mirror4j.device.Device;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.tensor.Allocator;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * What a run will take, told before its first step.
 *
 * @param bytes of all buffers, added up by planning them in a counting workspace
 * @param seconds of all steps, the flops of the matrix products over the measured rate of one of
 *     them; other work comes on top
 */
public record ResourceEstimate(long bytes, double seconds) {
  /** Forward, gradient by the input, gradient by the weight: two flops each. */
  private static final int FLOPS_PER_MULTIPLICATION = 6;

  private static final int PROBE_ROWS = 512;
  private static final int PROBES = 5;

  /**
   * An estimate.
   *
   * @param storage type of the products
   * @param bytes planned
   * @param multiplications of all products of all forward passes together
   * @param inner size that a typical product sums over
   * @param outer columns of that product
   */
  public static ResourceEstimate of(
      Device device, DType storage, long bytes, double multiplications, int inner, int outer) {
    double flops = FLOPS_PER_MULTIPLICATION * multiplications;
    return new ResourceEstimate(bytes, flops / rate(device, storage, inner, outer));
  }

  /**
   * Refuses a run that cannot fit.
   *
   * @param lower options that take less memory when they are lowered
   * @throws Allocator.OutOfMemoryException saying what is needed, what is there and what to lower
   */
  void requireMemory(Device device, String lower) {
    long available = device.availableBytes();
    if (bytes > available) {
      throw new Allocator.OutOfMemoryException(
          "the run needs %.1f GiB for weights, gradients, moments and activations, %.1f GiB are free: lower %s"
              .formatted(bytes / 0x1p30, available / 0x1p30, lower));
    }
  }

  /** Flops a second of a product, best of a few. */
  private static double rate(Device device, DType storage, int inner, int outer) {
    try (Workspace workspace = new Workspace(device)) {
      Tensor x = constant(device, workspace, storage, 1.5f, Shape.of(PROBE_ROWS, inner));
      Tensor weight = constant(device, workspace, storage, 0.75f, Shape.of(outer, inner));
      Tensor y = workspace.tensor("probe.y", storage, Shape.of(PROBE_ROWS, outer));
      double best = 0;
      for (int i = 0; i < PROBES; i++) {
        long start = System.nanoTime();
        device.kernels().product().gemm(GemmSpec.NT, y, x, weight);
        device.synchronize();
        double nanos = System.nanoTime() - start;
        best = Math.max(best, 2.0 * PROBE_ROWS * inner * outer / nanos);
      }
      return best * 1e9;
    }
  }

  private static Tensor constant(
      Device device, Workspace workspace, DType storage, float value, Shape shape) {
    Tensor exact = workspace.tensor("probe", DType.F32, shape);
    device.kernels().memory().fill(exact, value);
    if (storage == DType.F32) {
      return exact;
    }
    Tensor stored = workspace.tensor("storedProbe", storage, shape);
    device.kernels().memory().convert(stored, exact);
    return stored;
  }
}
