package org.mirror4j.research.card;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.mirror4j.device.Device;
import org.mirror4j.device.intercept.InterceptedKernels;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * A device each of whose operations is done a second time by the CPU, on the same inputs in f32,
 * and the results compared: so a training step checks every operation at the shapes of the step.
 */
final class ComparedKernels {
  /**
   * What was found of an operation.
   *
   * @param calls number of calls compared
   * @param error largest difference of an element of what a call wrote, in units of the largest
   *     finite element that the call wrote to that tensor; in a mean of rows, which may cancel, in
   *     units of the largest element that the call wrote anywhere. Where there is a log-sum-exp,
   *     the unit is {@code 1 + max |logSumExp|} times that: a probability {@code exp(score -
   *     logSumExp)} changes, relatively, by what its score changes, and a score's rounding is
   *     relative to it
   * @param tensor where that was
   */
  record Outcome(int calls, double error, String tensor) {
    Outcome and(double other, String where) {
      // NaN is the worst, and of all comparisons only this one has it so.
      return Double.compare(error, other) >= 0 ? this : new Outcome(calls, other, where);
    }
  }

  private final Device card;
  private final Device cpu;
  private final Map<String, Outcome> outcomes = new TreeMap<>();
  private boolean comparing;

  /**
   * @param cpu takes f32
   */
  ComparedKernels(Device card, Device cpu) {
    this.card = card;
    this.cpu = cpu;
  }

  /** By name of the operation. */
  Map<String, Outcome> outcomes() {
    return outcomes;
  }

  /** From now on operations are compared; before, the card alone does them. */
  void begin() {
    comparing = true;
  }

  /** The card, its operations compared. */
  Device device() {
    Kernels kernels =
        InterceptedKernels.of(
            new OperandCheck(card.ownership(), card.storageTypes()), this::compare);
    return (Device)
        Proxy.newProxyInstance(
            Device.class.getClassLoader(),
            new Class<?>[] {Device.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "kernels" -> kernels;
                  // Of what is compared all products are those of the device as it was opened.
                  case "computing" -> proxy;
                  default -> call(method, card, arguments);
                });
  }

  private void compare(String operation, Object... arguments) {
    if (!comparing) {
      InterceptedKernels.run(card.kernels(), operation, arguments);
      return;
    }
    try (Workspace workspace = new Workspace(cpu)) {
      Map<Long, Twin> twins = new HashMap<>();
      Object[] second = new Object[arguments.length];
      for (int i = 0; i < arguments.length; i++) {
        second[i] =
            InterceptedKernels.withTensors(
                arguments[i],
                // The same memory stays the same memory.
                tensor ->
                    twins.computeIfAbsent(tensor.address(), key -> new Twin(tensor, workspace))
                        .host);
      }
      InterceptedKernels.run(card.kernels(), operation, arguments);
      InterceptedKernels.run(cpu.kernels(), operation, second);
      Outcome outcome = outcomes.getOrDefault(operation, new Outcome(0, 0, ""));
      outcome = new Outcome(outcome.calls() + 1, outcome.error(), outcome.tensor());
      double largest = 0;
      double condition = 1;
      for (Twin twin : twins.values()) {
        twin.compare();
        largest = Math.max(largest, twin.largest);
        if (twin.card.name().endsWith(".logSumExp")) {
          condition = 1 + twin.magnitude();
        }
      }
      for (Twin twin : twins.values()) {
        double unit = condition * (twin.card.name().endsWith(".mean") ? largest : twin.largest);
        double error = twin.difference == 0 ? 0 : twin.difference / unit;
        outcome = outcome.and(error, twin.card.toString());
      }
      outcomes.put(operation, outcome);
    }
  }

  private static Object call(Method method, Object target, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** A tensor on the card and its copy in f32 or i32 on the CPU. */
  private final class Twin {
    private final Tensor card;
    private final Tensor host;
    private final float[] before;
    private double largest;
    private double difference;

    Twin(Tensor card, Workspace workspace) {
      this.card = card;
      DType type = card.dtype() == DType.I32 ? DType.I32 : DType.F32;
      host = workspace.tensor(card.name(), type, card.shape());
      if (type == DType.I32) {
        cpu.upload(host, HostCopy.ints(ComparedKernels.this.card, card));
        before = null;
      } else {
        before = HostCopy.floats(ComparedKernels.this.card, card);
        cpu.upload(host, before);
      }
    }

    /** The largest finite element, on the CPU. */
    double magnitude() {
      double magnitude = 0;
      for (float value : HostCopy.floats(cpu, host)) {
        magnitude = larger(magnitude, value);
      }
      return magnitude;
    }

    /** In units of what is not finite every difference would be nothing. */
    private static double larger(double largest, float value) {
      return Float.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest;
    }

    /** Finds what was written, by bits, and how far the two are apart there. */
    void compare() {
      if (before == null) {
        return;
      }
      float[] got = HostCopy.floats(ComparedKernels.this.card, card);
      float[] expected = HostCopy.floats(cpu, host);
      for (int i = 0; i < got.length; i++) {
        int old = Float.floatToRawIntBits(before[i]);
        if (Float.floatToRawIntBits(expected[i]) != old || Float.floatToRawIntBits(got[i]) != old) {
          largest = larger(largest, expected[i]);
          if (Float.compare(got[i], expected[i]) != 0) {
            difference = Math.max(difference, Math.abs((double) got[i] - expected[i]));
          }
        }
      }
    }
  }
}
