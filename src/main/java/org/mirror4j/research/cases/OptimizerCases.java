package org.mirror4j.research.cases;

import java.util.List;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Optimizer;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/** Optimisation over flat buffers. */
final class OptimizerCases {
  private OptimizerCases() {}

  static List<OperationCase> all() {
    List<String> elements = OperationCases.ELEMENTS;
    return List.of(
        of("adamW", elements, OptimizerCases::adamW),
        of("sumOfSquares", elements, OptimizerCases::sumOfSquares),
        of("anyNonFinite", elements, OptimizerCases::anyNonFinite),
        of(
            "anyNonFinite infinite",
            elements.subList(1, elements.size()),
            OptimizerCases::oneInfinite),
        of("scale", elements, OptimizerCases::scale));
  }

  private static OperationCase of(String name, List<String> awkward, OperationCase.Body body) {
    return OperationCase.of(name, OperationCases.FLAT, awkward, body);
  }

  private static Runnable adamW(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("elements");
    Tensor parameters = t.drawn("parameters", 0, 1, n);
    Tensor stored = t.stored() == DType.F32 ? parameters : t.activation("stored", n);
    Tensor first = t.drawn("first_moment", 0, 1, n);
    Tensor second = t.drawn("second_moment", 4, 0.5, n);
    Tensor gradients = t.drawn("gradients", 0, 1, n);
    for (Tensor tensor : List.of(parameters, stored, first, second)) {
      t.result(tensor, 16);
    }
    Optimizer.AdamW operands =
        new Optimizer.AdamW(parameters, stored, gradients, first, second, 0.9f, 0.999f, 1e-8f);
    return () -> kernels.optimizer().adamW(operands, 0.5f, 0.99999f, 1.9e-3f, 12f);
  }

  private static Runnable sumOfSquares(Kernels kernels, CaseTensors t, Sizes sizes) {
    Tensor result = t.f32("result", 1);
    Tensor x = t.drawn("x", 0, 1, sizes.get("elements"));
    t.result(result, 1);
    return () -> kernels.optimizer().sumOfSquares(result, x);
  }

  private static Runnable anyNonFinite(Kernels kernels, CaseTensors t, Sizes sizes) {
    return anyNonFinite(kernels, t, t.drawn("x", 0, 1, sizes.get("elements")));
  }

  /** The last element, which a lost tail would miss. */
  private static Runnable oneInfinite(Kernels kernels, CaseTensors t, Sizes sizes) {
    float[] values = new float[sizes.get("elements")];
    values[values.length - 1] = Float.NEGATIVE_INFINITY;
    return anyNonFinite(kernels, t, t.f32("x", values, values.length));
  }

  private static Runnable anyNonFinite(Kernels kernels, CaseTensors t, Tensor x) {
    Tensor result = t.i32("result", Shape.of(1));
    t.result(result, 0);
    return () -> kernels.optimizer().anyNonFinite(result, x);
  }

  private static Runnable scale(Kernels kernels, CaseTensors t, Sizes sizes) {
    Tensor x = t.drawn("x", 0, 1, sizes.get("elements"));
    t.result(x, 1);
    return () -> kernels.optimizer().scale(x, 3);
  }
}
