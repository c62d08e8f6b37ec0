package org.mirror4j.research.cases;

import java.util.List;
import org.mirror4j.device.operation.Activation.Gate;
import org.mirror4j.device.operation.Activation.GateBackward;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.Tensor;

/** Activations, with bias or without, and the gradients. */
final class ActivationCases {
  private ActivationCases() {}

  static List<OperationCase> all() {
    return List.of(
        gelu("biasGelu", GeluForm.ERF, ActivationCases::biasGelu),
        gelu("biasGelu tanh", GeluForm.TANH, ActivationCases::biasGelu),
        gelu("biasGeluBackward", GeluForm.ERF, ActivationCases::biasGeluBackward),
        gelu("biasGeluBackward tanh", GeluForm.TANH, ActivationCases::biasGeluBackward),
        of("biasRelu", "tokens=1800,hidden=768", ActivationCases::biasRelu),
        of("biasReluBackward", "tokens=1800,hidden=768", ActivationCases::biasReluBackward),
        of("tanh", "tokens=400,hidden=768", ActivationCases::tanh),
        of("tanhBackward", "tokens=400,hidden=768", ActivationCases::tanhBackward),
        of("gate", "tokens=560,hidden=768", ActivationCases::gate),
        of("gateBackward", "tokens=560,hidden=768", ActivationCases::gateBackward),
        dropout("dropout", true),
        dropout("dropout of nothing", false),
        of("biasGradient", "tokens=1800,hidden=768", ActivationCases::biasGradient));
  }

  private static OperationCase of(String name, String base, OperationCase.Body body) {
    return OperationCase.of(name, base, OperationCases.MATRICES, body);
  }

  private static OperationCase dropout(String name, boolean drops) {
    return OperationCase.dropping(
        name, "tokens=400,hidden=768", OperationCases.MATRICES, drops, ActivationCases::dropout);
  }

  private interface GeluBody {
    Runnable prepare(Kernels kernels, CaseTensors t, Sizes sizes, GeluForm form);
  }

  private static OperationCase gelu(String name, GeluForm form, GeluBody body) {
    return OperationCase.of(
        name,
        "tokens=1800,intermediate=3072",
        OperationCases.MATRICES.stream().map(s -> s.replace("hidden", "intermediate")).toList(),
        (kernels, tensors, sizes) -> body.prepare(kernels, tensors, sizes, form));
  }

  private static Runnable biasGelu(Kernels kernels, CaseTensors t, Sizes sizes, GeluForm form) {
    int n = sizes.get("tokens");
    int c = sizes.get("intermediate");
    Tensor y = t.activation("y", n, c);
    Tensor x = t.normal("x", n, c);
    Tensor bias = t.drawn("bias", 0, 1, c);
    t.result(y, 32);
    return () -> kernels.activation().biasGelu(y, x, bias, form);
  }

  private static Runnable biasGeluBackward(
      Kernels kernels, CaseTensors t, Sizes sizes, GeluForm form) {
    int n = sizes.get("tokens");
    int c = sizes.get("intermediate");
    Tensor dX = t.activation("d_x", n, c);
    Tensor dBias = t.drawn("d_bias", 0, 1, c);
    Tensor dY = t.normal("d_y", n, c);
    Tensor x = t.normal("x", n, c);
    Tensor bias = t.drawn("bias", 0, 1, c);
    t.result(dX, 64);
    t.sum(dBias, n + 64);
    return () -> kernels.activation().biasGeluBackward(dX, dBias, dY, x, bias, form);
  }

  private static Runnable biasRelu(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    Tensor y = t.activation("y", n, h);
    Tensor x = t.normal("x", n, h);
    Tensor bias = t.drawn("bias", 0, 1, h);
    t.result(y, 2);
    return () -> kernels.activation().biasRelu(y, x, bias);
  }

  private static Runnable biasReluBackward(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    Tensor dX = t.activation("d_x", n, h);
    Tensor dBias = t.drawn("d_bias", 0, 1, h);
    Tensor dY = t.normal("d_y", n, h);
    Tensor x = t.normal("x", n, h);
    Tensor bias = t.drawn("bias", 0, 1, h);
    t.result(dX, 0);
    t.sum(dBias, n + 8);
    return () -> kernels.activation().biasReluBackward(dX, dBias, dY, x, bias);
  }

  private static Runnable tanh(Kernels kernels, CaseTensors t, Sizes sizes) {
    Tensor y = t.activation("y", sizes.get("tokens"), sizes.get("hidden"));
    Tensor x = t.normal("x", sizes.get("tokens"), sizes.get("hidden"));
    t.result(y, 16);
    return () -> kernels.activation().tanh(y, x);
  }

  private static Runnable tanhBackward(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    Tensor dX = t.activation("dx", n, h);
    Tensor dY = t.normal("dy", n, h);
    Tensor y = t.normal("y", n, h);
    t.result(dX, 4);
    return () -> kernels.activation().tanhBackward(dX, dY, y);
  }

  private static Gate gate(CaseTensors t, Sizes sizes, Tensor y) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    return new Gate(
        y, t.normal("z", n, h), t.drawn("bias", 0, 1, h), t.normal("a", n, h), t.normal("b", n, h));
  }

  private static Runnable gate(Kernels kernels, CaseTensors t, Sizes sizes) {
    Gate operands = gate(t, sizes, t.activation("y", sizes.get("tokens"), sizes.get("hidden")));
    t.result(operands.y(), 32);
    return () -> kernels.activation().gate(operands);
  }

  private static Runnable gateBackward(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    GateBackward operands =
        new GateBackward(
            gate(t, sizes, t.activation("y", n, h)),
            t.activation("dz", n, h),
            t.activation("da", n, h),
            t.activation("db", n, h),
            t.normal("dy", n, h));
    t.result(operands.dZ(), 64);
    t.result(operands.dA(), 32);
    t.result(operands.dB(), 32);
    return () -> kernels.activation().gateBackward(operands);
  }

  private static Runnable dropout(Kernels kernels, CaseTensors t, Sizes sizes, boolean drops) {
    int n = sizes.get("tokens");
    int site = DropoutSite.CLASSIFIER_INPUT.in(0);
    Tensor y = t.activation("y", n, sizes.get("hidden"));
    Tensor x = t.normal("x", n, sizes.get("hidden"));
    Dropout dropout = drops ? CaseDropout.atThreshold(site, n) : Dropout.NONE;
    t.result(y, 2);
    return () -> kernels.activation().dropout(y, x, dropout, site);
  }

  private static Runnable biasGradient(Kernels kernels, CaseTensors t, Sizes sizes) {
    Tensor dBias = t.drawn("d_bias", 0, 1, sizes.get("hidden"));
    Tensor dY = t.normal("d_y", sizes.get("tokens"), sizes.get("hidden"));
    t.sum(dBias, sizes.get("tokens") + 8);
    return () -> kernels.activation().biasGradient(dBias, dY);
  }
}
