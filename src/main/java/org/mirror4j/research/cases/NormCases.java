package org.mirror4j.research.cases;

import java.util.List;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Norm.LayerNorm;
import org.mirror4j.device.operation.Norm.LayerNormBackward;
import org.mirror4j.device.operation.Norm.ResidualLayerNorm;
import org.mirror4j.device.operation.Norm.ResidualLayerNormBackward;
import org.mirror4j.tensor.Tensor;

/** LayerNorm, alone and at the end of a block, and the gradients. */
final class NormCases {
  private static final float EPSILON = 1e-12f;
  private static final String BASE = "tokens=1800,hidden=768";

  private NormCases() {}

  static List<OperationCase> all() {
    return List.of(
        dropping("residualLayerNorm", true, NormCases::residualLayerNorm),
        dropping("residualLayerNormBackward", true, NormCases::residualLayerNormBackward),
        of("layerNorm", NormCases::layerNorm),
        of("layerNormBackward", NormCases::layerNormBackward),
        dropping("residualLayerNorm without dropout", false, NormCases::residualLayerNorm),
        dropping(
            "residualLayerNormBackward without dropout",
            false,
            NormCases::residualLayerNormBackward));
  }

  private static OperationCase of(String name, OperationCase.Body body) {
    return OperationCase.of(name, BASE, OperationCases.MATRICES, body);
  }

  private static OperationCase dropping(
      String name, boolean drops, OperationCase.DroppingBody body) {
    return OperationCase.dropping(name, BASE, OperationCases.MATRICES, drops, body);
  }

  /** A norm before its forward pass. */
  static LayerNorm norm(CaseTensors t, Tensor x) {
    int n = x.rows();
    int h = x.columns();
    return new LayerNorm(
        t.activation("y", n, h),
        x,
        t.f32("mean", n),
        t.f32("rstd", n),
        t.drawn("gamma", 1, 0.1, h),
        t.drawn("beta", 0, 0.1, h),
        EPSILON);
  }

  /** A norm after its forward pass; what a backward pass does not read is not written. */
  static LayerNorm normalized(CaseTensors t, Tensor x) {
    int n = x.rows();
    int h = x.columns();
    return new LayerNorm(
        t.activation("y", n, h),
        x,
        t.drawn("mean", 0, 0.1, n),
        t.drawn("rstd", 1, 0.1, n),
        t.drawn("gamma", 1, 0.1, h),
        t.f32("beta", h),
        EPSILON);
  }

  /** Sums of a row, of deviations that are small where the row is one element. */
  static void results(CaseTensors t, LayerNorm norm) {
    int hidden = norm.x().columns();
    if (hidden > 1) {
      // With one column y is a rounding error over a rounding error.
      t.result(norm.y(), 4 * hidden + 64);
      t.result(norm.rstd(), 4 * hidden + 64);
    }
    t.result(norm.x(), 8);
    t.result(norm.mean(), hidden + 8);
  }

  private static Runnable residualLayerNorm(
      Kernels kernels, CaseTensors t, Sizes sizes, boolean drops) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    int site = DropoutSite.ATTENTION_OUTPUT.in(CaseDropout.LAYER);
    LayerNorm norm = norm(t, t.normal("z", n, h));
    ResidualLayerNorm operands =
        new ResidualLayerNorm(norm, t.normal("residual", n, h), t.drawn("bias", 0, 1, h), site);
    results(t, norm);
    Dropout dropout = drops ? CaseDropout.atThreshold(site, n) : Dropout.NONE;
    return () -> kernels.norm().residualLayerNorm(operands, dropout);
  }

  private static Runnable residualLayerNormBackward(
      Kernels kernels, CaseTensors t, Sizes sizes, boolean drops) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    int site = DropoutSite.ATTENTION_OUTPUT.in(CaseDropout.LAYER);
    LayerNorm norm = normalized(t, t.normal("z", n, h));
    ResidualLayerNormBackward operands =
        new ResidualLayerNormBackward(
            new ResidualLayerNorm(norm, t.activation("residual", n, h), t.f32("bias", h), site),
            t.activation("d_residual", n, h),
            t.activation("d_x", n, h),
            t.normal("d_y", n, h),
            t.drawn("d_gamma", 0, 1, h),
            t.drawn("d_beta", 0, 1, h),
            t.drawn("d_bias", 0, 1, h));
    t.result(operands.dResidual(), h + 64);
    t.result(operands.dX(), h + 64);
    for (Tensor sum : List.of(operands.dGamma(), operands.dBeta(), operands.dBias())) {
      t.sum(sum, n + h + 64);
    }
    Dropout dropout = drops ? CaseDropout.atThreshold(site, n) : Dropout.NONE;
    return () -> kernels.norm().residualLayerNormBackward(operands, dropout);
  }

  private static Runnable layerNorm(Kernels kernels, CaseTensors t, Sizes sizes) {
    LayerNorm operands = norm(t, t.normal("x", sizes.get("tokens"), sizes.get("hidden")));
    results(t, operands);
    return () -> kernels.norm().layerNorm(operands);
  }

  private static Runnable layerNormBackward(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    LayerNormBackward operands =
        new LayerNormBackward(
            normalized(t, t.normal("x", n, h)),
            t.activation("d_x", n, h),
            t.normal("d_y", n, h),
            t.drawn("d_gamma", 0, 1, h),
            t.drawn("d_beta", 0, 1, h));
    t.result(operands.dX(), h + 64);
    t.sum(operands.dGamma(), n + h + 64);
    t.sum(operands.dBeta(), n + h + 64);
    return () -> kernels.norm().layerNormBackward(operands);
  }
}
