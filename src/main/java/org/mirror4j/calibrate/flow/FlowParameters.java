package org.mirror4j.calibrate.flow;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.mirror4j.tensor.Parameter;
import org.mirror4j.tensor.ParameterScope;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/**
 * The parameters of a flow, or their gradients, as views of a flat buffer.
 *
 * @param logScales of the activation normalisations of all steps, side by side: three times their
 *     sum is the log-determinant of these
 * @param factorLogScales of the learned permutations of all steps, whose sum is their
 *     log-determinant; null where permutations are not learned
 * @param steps of all levels, the first first
 */
record FlowParameters(Tensor logScales, Tensor factorLogScales, List<StepParameters> steps) {
  private static final String LOG_SCALE = ".actnorm.log_scale";
  private static final String FACTOR_LOG_SCALE = ".permutation.log_scale";

  /** Takes all parameters. */
  static FlowParameters of(ParameterScope scope, FlowArchitecture architecture) {
    Tensor logScales = scope.take(logScales(architecture, LOG_SCALE));
    Tensor factorLogScales =
        architecture.permutation() == FlowPermutation.PLU
            ? scope.take(logScales(architecture, FACTOR_LOG_SCALE))
            : null;
    List<StepParameters> steps = new ArrayList<>();
    long offset = 0;
    for (int i = 0; i < architecture.levels() * architecture.depth(); i++) {
      int level = i / architecture.depth();
      Shape shape = Shape.of(architecture.channels(level));
      String module = module(architecture, i);
      steps.add(
          StepParameters.of(
              scope.in(module),
              architecture,
              level,
              logScales.view(module + LOG_SCALE, offset, shape),
              factorLogScales == null
                  ? null
                  : factorLogScales.view(module + FACTOR_LOG_SCALE, offset, shape)));
      offset += shape.size();
    }
    return new FlowParameters(logScales, factorLogScales, List.copyOf(steps));
  }

  private static Parameter[] logScales(FlowArchitecture architecture, String name) {
    return IntStream.range(0, architecture.levels() * architecture.depth())
        .mapToObj(
            i ->
                StepParameters.zeros(
                    module(architecture, i) + name,
                    Shape.of(architecture.channels(i / architecture.depth()))))
        .toArray(Parameter[]::new);
  }

  /** Name of a step: of its level, and of its place in that. */
  static String module(FlowArchitecture architecture, int step) {
    return "levels.%d.steps.%d".formatted(step / architecture.depth(), step % architecture.depth());
  }
}
