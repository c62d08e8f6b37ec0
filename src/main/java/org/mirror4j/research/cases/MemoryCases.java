package org.mirror4j.research.cases;

import java.util.List;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.Tensor;

/** Filling, adding and converting. */
final class MemoryCases {
  private MemoryCases() {}

  static List<OperationCase> all() {
    return List.of(
        of("fill", MemoryCases::fill),
        of("add", MemoryCases::add),
        of("convert to storage", MemoryCases::narrow),
        of("convert from storage", MemoryCases::widen));
  }

  private static OperationCase of(String name, OperationCase.Body body) {
    return OperationCase.of(name, OperationCases.FLAT, OperationCases.ELEMENTS, body);
  }

  private static Runnable fill(Kernels kernels, CaseTensors t, Sizes sizes) {
    Tensor x = t.f32("x", sizes.get("elements"));
    t.result(x, 0);
    return () -> kernels.memory().fill(x, 0.5f);
  }

  private static Runnable add(Kernels kernels, CaseTensors t, Sizes sizes) {
    Tensor y = t.normal("y", sizes.get("elements"));
    Tensor x = t.normal("x", sizes.get("elements"));
    t.result(y, 1);
    return () -> kernels.memory().add(y, x);
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
}
