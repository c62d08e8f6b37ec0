package org.mirror4j.research.cases;

import java.util.List;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/** Operations on flat buffers: memory, optimiser, sums, conversions. */
final class FlatCases {
  private static final String BASE = "elements=1000000";

  private static final List<String> ELEMENTS =
      List.of(
          "elements=0",
          "elements=1",
          "elements=3",
          "elements=30",
          "elements=1023",
          "elements=1025",
          "elements=16385");

  private FlatCases() {}

  static List<OperationCase> all() {
    return List.of(
        OperationCase.of("fill", BASE, ELEMENTS, FlatCases::fill),
        OperationCase.of("adamW", BASE, ELEMENTS, FlatCases::adamW),
        OperationCase.of("sumOfSquares", BASE, ELEMENTS, FlatCases::sumOfSquares),
        OperationCase.of("anyNonFinite", BASE, ELEMENTS, FlatCases::anyNonFinite),
        OperationCase.of(
            "anyNonFinite infinite",
            BASE,
            ELEMENTS.subList(1, ELEMENTS.size()),
            FlatCases::oneInfinite),
        OperationCase.of("convert to storage", BASE, ELEMENTS, FlatCases::narrow),
        OperationCase.of("convert from storage", BASE, ELEMENTS, FlatCases::widen),
        OperationCase.of("add", BASE, ELEMENTS, FlatCases::add),
        OperationCase.of("scale", BASE, ELEMENTS, FlatCases::scale));
  }

  private static Runnable fill(Kernels kernels, CaseTensors t, Sizes sizes) {
    Tensor x = t.f32("x", sizes.get("elements"));
    t.result(x, 0);
    return () -> kernels.memory().fill(x, 0.5f);
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
    return () ->
        kernels
            .optimizer()
            .adamW(
                parameters,
                stored,
                gradients,
                first,
                second,
                0.5f,
                0.9f,
                0.999f,
                0.99999f,
                1.9e-3f,
                12f,
                1e-8f);
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

  private static Runnable narrow(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("elements");
    return convert(kernels, t, t.activation("y", n), t.drawn("x", 0, 1, n));
  }

  private static Runnable widen(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("elements");
    return convert(kernels, t, t.f32("y", n), t.normal("x", n));
  }

  private static Runnable convert(Kernels kernels, CaseTensors t, Tensor y, Tensor x) {
    t.result(y, 0);
    return () -> kernels.memory().convert(y, x);
  }

  private static Runnable add(Kernels kernels, CaseTensors t, Sizes sizes) {
    Tensor y = t.normal("y", sizes.get("elements"));
    Tensor x = t.normal("x", sizes.get("elements"));
    t.result(y, 1);
    return () -> kernels.memory().add(y, x);
  }

  private static Runnable scale(Kernels kernels, CaseTensors t, Sizes sizes) {
    Tensor x = t.drawn("x", 0, 1, sizes.get("elements"));
    t.result(x, 1);
    return () -> kernels.optimizer().scale(x, 3);
  }
}
