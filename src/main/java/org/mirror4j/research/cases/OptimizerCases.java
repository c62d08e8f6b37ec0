package org.mirror4j.research.cases;

import java.util.Arrays;
import java.util.List;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Optimizer;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/** Optimisation over flat buffers. */
final class OptimizerCases {
  private static final List<String> TABLES =
      List.of(
          "rows=3,listed=0,hidden=32,factors=2",
          "rows=1,listed=1,hidden=1,factors=0",
          "rows=33,listed=31,hidden=34,factors=5",
          "rows=127,listed=33,hidden=769,factors=3");

  private OptimizerCases() {}

  static List<OperationCase> all() {
    List<String> elements = OperationCases.ELEMENTS;
    return List.of(
        of("adamW", elements, OptimizerCases::adamW),
        of("sumOfSquares", elements, OptimizerCases::sumOfSquares),
        of("scale", elements, OptimizerCases::scale),
        rows("adamWRows", OptimizerCases::adamWRows),
        rows("scaleRows", OptimizerCases::scaleRows));
  }

  /** A tenth of the rows that a step of words has by its end, in a table of as many. */
  private static OperationCase rows(String name, OperationCase.Body body) {
    return OperationCase.of(name, "rows=3052,listed=512,hidden=768,factors=50", TABLES, body);
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
    Optimizer.AdamW operands = watched(t, parameters, stored, gradients, first, second);
    return () -> kernels.optimizer().adamW(operands, 0.5f, 0.99999f, 1.9e-3f, 12f);
  }

  private static Optimizer.AdamW watched(
      CaseTensors t,
      Tensor parameters,
      Tensor stored,
      Tensor gradients,
      Tensor first,
      Tensor second) {
    for (Tensor tensor : List.of(parameters, stored, first, second)) {
      t.result(tensor, 16);
    }
    return new Optimizer.AdamW(parameters, stored, gradients, first, second, 0.9f, 0.999f, 1e-8f);
  }

  private static Runnable adamWRows(Kernels kernels, CaseTensors t, Sizes sizes) {
    int rows = sizes.get("rows");
    int columns = sizes.get("hidden");
    Tensor parameters = t.drawn("parameters", 0, 1, rows, columns);
    Tensor stored = t.copy("stored", parameters);
    Tensor first = t.drawn("first_moment", 0, 1, rows, columns);
    Tensor second = t.drawn("second_moment", 4, 0.5, rows, columns);
    Tensor gradients = t.drawn("gradients", 0, 1, rows, columns);
    Tensor listed = listed(t, sizes);
    Optimizer.AdamW operands = watched(t, parameters, stored, gradients, first, second);
    return () -> kernels.optimizer().adamWRows(operands, listed, 0.5f, 0.99999f, 1.9e-3f, 12f);
  }

  /** Some rows of a table, in no order. */
  private static Tensor listed(CaseTensors t, Sizes sizes) {
    int[] rows = new int[sizes.get("rows")];
    for (int i = 0; i < rows.length; i++) {
      int at = t.random().nextInt(i + 1);
      rows[i] = rows[at];
      rows[at] = i;
    }
    return t.i32("rows", Arrays.copyOf(rows, sizes.get("listed")));
  }

  /** All but the first, where there are several. */
  private static Runnable scaleRows(Kernels kernels, CaseTensors t, Sizes sizes) {
    int rows = sizes.get("rows");
    int columns = sizes.get("hidden");
    Tensor x = t.drawn("x", 0, 1, rows, columns);
    Tensor stored = t.copy("stored", x);
    Tensor listed = listed(t, sizes);
    int from = sizes.get("listed") > 1 ? 1 : 0;
    Tensor factors = t.drawn("factors", 1, 1e-3, sizes.get("factors"));
    for (Tensor tensor : List.of(x, stored)) {
      t.result(tensor, 0);
    }
    return () -> kernels.optimizer().scaleRows(x, stored, listed, from, factors);
  }

  private static Runnable sumOfSquares(Kernels kernels, CaseTensors t, Sizes sizes) {
    Tensor result = t.f32("result", 1);
    Tensor x = t.drawn("x", 0, 1, sizes.get("elements"));
    t.result(result, 1);
    return () -> kernels.optimizer().sumOfSquares(result, x);
  }

  private static Runnable scale(Kernels kernels, CaseTensors t, Sizes sizes) {
    Tensor x = t.drawn("x", 0, 1, sizes.get("elements"));
    t.result(x, 1);
    return () -> kernels.optimizer().scale(x, 3);
  }
}
