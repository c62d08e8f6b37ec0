package org.mirror4j.research.cases;

import java.util.List;
import org.mirror4j.device.operation.Flow;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.Tensor;

/** Steps of normalising flows, over a batch of 32 pairs of vectors. */
final class FlowCases {
  private static final String BATCH = "tokens=64,hidden=768";

  private FlowCases() {}

  static List<OperationCase> all() {
    return List.of(
        of("actNorm", BATCH, FlowCases::actNorm),
        of("actNormInverse", BATCH, FlowCases::actNormInverse),
        of("actNormBackward", BATCH, FlowCases::actNormBackward),
        of("actNormRelu", "tokens=64,hidden=32", FlowCases::actNormRelu),
        of("actNormReluBackward", "tokens=64,hidden=32", FlowCases::actNormReluBackward),
        of("additiveCoupling", "tokens=64,hidden=384", FlowCases::additiveCoupling),
        of("additiveCouplingInverse", "tokens=64,hidden=384", FlowCases::additiveCouplingInverse),
        of("additiveCouplingBackward", "tokens=64,hidden=384", FlowCases::additiveCouplingBackward),
        of("affineCoupling", "tokens=64,hidden=384", FlowCases::affineCoupling),
        of("affineCouplingInverse", "tokens=64,hidden=384", FlowCases::affineCouplingInverse),
        of("affineCouplingBackward", "tokens=64,hidden=384", FlowCases::affineCouplingBackward),
        square("triangularFactors", FlowCases::triangularFactors),
        square("triangularFactorsBackward", FlowCases::triangularFactorsBackward));
  }

  private static OperationCase of(String name, String base, OperationCase.Body body) {
    return OperationCase.of(name, base, OperationCases.MATRICES, body);
  }

  private static OperationCase square(String name, OperationCase.Body body) {
    List<String> awkward = List.of("hidden=1", "hidden=3", "hidden=31", "hidden=34", "hidden=127");
    return OperationCase.of(name, "hidden=768", awkward, body);
  }

  private static Flow.ActNorm parameters(CaseTensors t, int channels) {
    return new Flow.ActNorm(
        t.drawn("bias", 0, 1, channels), t.drawn("log_scale", 0, 0.1, channels));
  }

  /** Gradients of parameters, sums over rows. */
  private static Flow.ActNorm gradient(CaseTensors t, int rows, int channels) {
    Tensor bias = t.f32("d_bias", channels);
    Tensor logScale = t.f32("d_log_scale", channels);
    t.sum(bias, 4 * rows + 64);
    t.sum(logScale, 16 * rows + 64);
    return new Flow.ActNorm(bias, logScale);
  }

  private static Tensor reversal(CaseTensors t, int channels) {
    int[] order = new int[channels];
    for (int c = 0; c < channels; c++) {
      order[c] = channels - 1 - c;
    }
    return t.i32("order", order);
  }

  /** Two halves side by side. */
  private static Flow.Columns drawn(CaseTensors t, String name, int rows, int channels) {
    int half = channels / 2;
    return new Flow.Columns(
        t.drawn(name + "_left", 0, 1, rows, half),
        t.drawn(name + "_right", 0, 1, rows, channels - half));
  }

  private static Flow.Columns result(CaseTensors t, String name, int rows, int channels) {
    int half = channels / 2;
    Tensor left = t.f32(name + "_left", rows, half);
    Tensor right = t.f32(name + "_right", rows, channels - half);
    t.result(left, 64);
    t.result(right, 64);
    return new Flow.Columns(left, right);
  }

  private static Tensor result(CaseTensors t, String name, double roundings, int... dimensions) {
    Tensor tensor = t.f32(name, dimensions);
    t.result(tensor, roundings);
    return tensor;
  }

  private static Runnable actNorm(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int c = sizes.get("hidden");
    Flow.Columns y = result(t, "y", n, c);
    Flow.Columns x = drawn(t, "x", n, c);
    Tensor order = reversal(t, c);
    Flow.ActNorm parameters = parameters(t, c);
    return () -> kernels.flow().actNorm(y, x, order, parameters);
  }

  private static Runnable actNormInverse(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int c = sizes.get("hidden");
    Flow.Columns x = result(t, "x", n, c);
    Flow.Columns y = drawn(t, "y", n, c);
    Tensor order = reversal(t, c);
    Flow.ActNorm parameters = parameters(t, c);
    return () -> kernels.flow().actNormInverse(x, y, order, parameters);
  }

  private static Runnable actNormBackward(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int c = sizes.get("hidden");
    Flow.Columns dX = result(t, "dx", n, c);
    Flow.ActNorm gradient = gradient(t, n, c);
    Flow.Columns dY = drawn(t, "dy", n, c);
    Flow.Columns y = drawn(t, "y", n, c);
    Tensor order = reversal(t, c);
    Flow.ActNorm parameters = parameters(t, c);
    return () -> kernels.flow().actNormBackward(dX, gradient, dY, y, order, parameters, -0.5f);
  }

  private static Runnable actNormRelu(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int c = sizes.get("hidden");
    Tensor y = result(t, "y", 64, n, c);
    Tensor x = t.drawn("x", 0, 1, n, c);
    Flow.ActNorm parameters = parameters(t, c);
    return () -> kernels.flow().actNormRelu(y, x, parameters);
  }

  private static Runnable actNormReluBackward(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int c = sizes.get("hidden");
    Tensor dX = result(t, "dx", 64, n, c);
    Flow.ActNorm gradient = gradient(t, n, c);
    Tensor dY = t.drawn("dy", 0, 1, n, c);
    Tensor y = t.drawn("y", 0, 1, n, c);
    Flow.ActNorm parameters = parameters(t, c);
    return () -> kernels.flow().actNormReluBackward(dX, gradient, dY, y, parameters);
  }

  private static Runnable additiveCoupling(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int c = sizes.get("hidden");
    Tensor y = result(t, "y", 64, n, c);
    Tensor x = t.drawn("x", 0, 1, n, c);
    Tensor shift = t.drawn("shift", 0, 1, n, c);
    Flow.ActNorm parameters = parameters(t, c);
    return () -> kernels.flow().additiveCoupling(y, x, shift, parameters);
  }

  private static Runnable additiveCouplingInverse(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int c = sizes.get("hidden");
    Tensor x = result(t, "x", 64, n, c);
    Tensor y = t.drawn("y", 0, 1, n, c);
    Tensor shift = t.drawn("shift", 0, 1, n, c);
    Flow.ActNorm parameters = parameters(t, c);
    return () -> kernels.flow().additiveCouplingInverse(x, y, shift, parameters);
  }

  private static Runnable additiveCouplingBackward(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int c = sizes.get("hidden");
    Tensor dShift = result(t, "dshift", 64, n, c);
    Flow.ActNorm gradient = gradient(t, n, c);
    Tensor dY = t.drawn("dy", 0, 1, n, c);
    Tensor shift = t.drawn("shift", 0, 1, n, c);
    Flow.ActNorm parameters = parameters(t, c);
    return () -> kernels.flow().additiveCouplingBackward(dShift, gradient, dY, shift, parameters);
  }

  private static Runnable affineCoupling(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int c = sizes.get("hidden");
    Tensor y = result(t, "y", 128, n, c);
    Tensor logDeterminant = t.drawn("log_determinant", 0, 1, n);
    t.sum(logDeterminant, 32 * c + 64);
    Tensor x = t.drawn("x", 0, 1, n, c);
    Tensor net = t.drawn("net", 0, 1, n, 2 * c);
    Flow.ActNorm parameters = parameters(t, 2 * c);
    return () -> kernels.flow().affineCoupling(y, logDeterminant, x, net, parameters);
  }

  private static Runnable affineCouplingInverse(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int c = sizes.get("hidden");
    Tensor x = result(t, "x", 128, n, c);
    Tensor y = t.drawn("y", 0, 1, n, c);
    Tensor net = t.drawn("net", 0, 1, n, 2 * c);
    Flow.ActNorm parameters = parameters(t, 2 * c);
    return () -> kernels.flow().affineCouplingInverse(x, y, net, parameters);
  }

  private static Runnable affineCouplingBackward(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int c = sizes.get("hidden");
    Tensor dX = result(t, "dx", 128, n, c);
    Tensor dNet = result(t, "dnet", 128, n, 2 * c);
    Flow.ActNorm gradient = gradient(t, n, 2 * c);
    Tensor dY = t.drawn("dy", 0, 1, n, c);
    Tensor x = t.drawn("x", 0, 1, n, c);
    Tensor net = t.drawn("net", 0, 1, n, 2 * c);
    Flow.ActNorm parameters = parameters(t, 2 * c);
    return () ->
        kernels.flow().affineCouplingBackward(dX, dNet, gradient, dY, x, net, parameters, -0.5f);
  }

  private static Runnable triangularFactors(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("hidden");
    Tensor lower = result(t, "lower", 16, n, n);
    Tensor upper = result(t, "upper", 16, n, n);
    Tensor factors = t.drawn("factors", 0, 1, n, n);
    Tensor logScale = t.drawn("log_scale", 0, 0.1, n);
    float[] signs = new float[n];
    for (int i = 0; i < n; i++) {
      signs[i] = t.random().nextBoolean() ? 1 : -1;
    }
    Tensor sign = t.f32("sign", signs, n);
    return () -> kernels.flow().triangularFactors(lower, upper, factors, logScale, sign);
  }

  private static Runnable triangularFactorsBackward(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("hidden");
    Tensor dFactors = result(t, "d_factors", 0, n, n);
    Tensor dLogScale = t.f32("d_log_scale", n);
    t.sum(dLogScale, 16);
    Tensor dLower = t.drawn("d_lower", 0, 1, n, n);
    Tensor dUpper = t.drawn("d_upper", 0, 1, n, n);
    Tensor upper = t.drawn("upper", 0, 1, n, n);
    return () ->
        kernels.flow().triangularFactorsBackward(dFactors, dLogScale, dLower, dUpper, upper, -0.5f);
  }
}
