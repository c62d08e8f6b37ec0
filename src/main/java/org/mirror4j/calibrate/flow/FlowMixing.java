package org.mirror4j.calibrate.flow;

import java.util.List;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Flow.Columns;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Row;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * A learned permutation: {@code y = x P L (U + diag(sign exp(logScale)))}, whose log-determinant is
 * {@code sum logScale} (Kingma and Dhariwal 2018, eq. 10). The activation normalisation before it
 * has done P already.
 */
final class FlowMixing {
  private final Device device;
  private final StepParameters parameters;
  private final Tensor sign;
  private final Columns permuted;
  private final Tensor lowered;
  private final Tensor mixed;
  private final Tensor lower;
  private final Tensor upper;
  private Columns dPermuted;
  private Tensor dLowered;
  private Tensor dMixed;
  private Tensor dLower;
  private Tensor dUpper;

  /**
   * Plans the buffers of both directions.
   *
   * @param device null when {@code workspace} only counts
   */
  FlowMixing(Device device, Workspace workspace, StepParameters parameters, Tensor sign, int rows) {
    this.device = device;
    this.parameters = parameters;
    this.sign = sign;
    int channels = sign.rows();
    permuted = matrix(workspace, "permuted", rows, channels);
    lowered = workspace.f32("lowered", rows, channels);
    mixed = workspace.f32("mixed", rows, channels);
    lower = workspace.f32("lower", channels, channels);
    upper = workspace.f32("upper", channels, channels);
  }

  private static Columns matrix(Workspace workspace, String name, int rows, int channels) {
    return new Columns(workspace.f32(name, rows, channels), workspace.f32("none", rows, 0));
  }

  /** Plans the buffers of {@link #backward}. */
  void planBackward(Workspace workspace) {
    int rows = mixed.rows();
    int channels = mixed.columns();
    dPermuted = matrix(workspace, "dPermuted", rows, channels);
    dLowered = workspace.f32("dLowered", rows, channels);
    dMixed = workspace.f32("dMixed", rows, channels);
    dLower = workspace.f32("dLower", channels, channels);
    dUpper = workspace.f32("dUpper", channels, channels);
  }

  /** What is mixed, after P; the inverse gives it. */
  Columns permuted() {
    return permuted;
  }

  /** What has a row for each vector. */
  List<Tensor> resized() {
    return List.of(permuted.left(), permuted.right(), lowered, mixed);
  }

  /** Mixes {@link #permuted} into two halves. */
  void forward(Columns halves) {
    Kernels kernels = device.kernels();
    kernels
        .flow()
        .triangularFactors(lower, upper, parameters.factors(), parameters.factorLogScale(), sign);
    kernels.product().gemm(GemmSpec.NN, lowered, permuted.left(), lower);
    kernels.product().gemm(GemmSpec.NN, mixed, lowered, upper);
    int half = halves.left().columns();
    kernels.row().copyColumns(halves.left(), 0, mixed, 0, half);
    kernels.row().copyColumns(halves.right(), 0, mixed, half, half);
  }

  /** Solves both triangles for each vector, in double; no step of a training takes it. */
  void inverse(Columns halves) {
    join(mixed, halves);
    int n = mixed.columns();
    float[] rows = new float[(int) mixed.size()];
    float[] factors = new float[n * n];
    float[] logScale = new float[n];
    float[] signs = new float[n];
    device.download(rows, mixed);
    device.download(factors, parameters.factors());
    device.download(logScale, parameters.factorLogScale());
    device.download(signs, sign);
    double[] x = new double[n];
    for (int first = 0; first < rows.length; first += n) {
      for (int j = 0; j < n; j++) { // t U = y
        double sum = rows[first + j];
        for (int i = 0; i < j; i++) {
          sum -= x[i] * factors[i * n + j];
        }
        x[j] = sum / (signs[j] * StrictMath.exp(logScale[j]));
      }
      for (int j = n - 1; j >= 0; j--) { // x L = t
        for (int i = j + 1; i < n; i++) {
          x[j] -= x[i] * factors[i * n + j];
        }
        rows[first + j] = (float) x[j];
      }
    }
    device.upload(permuted.left(), rows);
  }

  /**
   * Gradient of {@link #forward}.
   *
   * @param gradients of the parameters, of which those of the factors are overwritten
   * @param dLogDeterminant gradient of the log-determinant, over all rows
   * @return of {@link #permuted}
   */
  Columns backward(StepParameters gradients, Columns dHalves, float dLogDeterminant) {
    Kernels kernels = device.kernels();
    join(dMixed, dHalves);
    kernels.product().gemm(GemmSpec.TN, dUpper, lowered, dMixed);
    kernels.product().gemm(GemmSpec.NT, dLowered, dMixed, upper);
    kernels.product().gemm(GemmSpec.TN, dLower, permuted.left(), dLowered);
    kernels.product().gemm(GemmSpec.NT, dPermuted.left(), dLowered, lower);
    kernels
        .flow()
        .triangularFactorsBackward(
            gradients.factors(),
            gradients.factorLogScale(),
            dLower,
            dUpper,
            upper,
            dLogDeterminant);
    return dPermuted;
  }

  private void join(Tensor whole, Columns halves) {
    Row row = device.kernels().row();
    int half = halves.left().columns();
    row.copyColumns(whole, 0, halves.left(), 0, half);
    row.copyColumns(whole, half, halves.right(), 0, half);
  }
}
