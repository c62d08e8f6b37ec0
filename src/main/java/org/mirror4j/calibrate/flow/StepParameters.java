package org.mirror4j.calibrate.flow;

import org.mirror4j.device.operation.Flow.ActNorm;
import org.mirror4j.tensor.Parameter;
import org.mirror4j.tensor.ParameterScope;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/**
 * The parameters of one step, or their gradients. All of them decay, as the released code's list of
 * exceptions fits none of their names.
 *
 * @param actNorm before the permutation
 * @param factors [channels, channels] of a learned permutation, its strictly lower and strictly
 *     upper triangle; null for one that is not learned
 * @param factorLogScale [channels], logarithms of the diagonal; null likewise
 * @param weight1 [width, half], of the coupling's network
 * @param actNorm1 of what it gives
 * @param weight2 [width, width]
 * @param actNorm2 of what it gives
 * @param weight3 [half or twice, width]
 * @param actNorm3 bias and log scale of what it gives
 */
record StepParameters(
    ActNorm actNorm,
    Tensor factors,
    Tensor factorLogScale,
    Tensor weight1,
    ActNorm actNorm1,
    Tensor weight2,
    ActNorm actNorm2,
    Tensor weight3,
    ActNorm actNorm3) {
  /** Of the weights of a coupling's first two layers. */
  private static final double DEVIATION = 0.05;

  /**
   * Takes the parameters of a step.
   *
   * @param logScale of the activation normalisation, which is taken with those of other steps
   * @param factorLogScale likewise, null where there is none
   */
  static StepParameters of(
      ParameterScope scope,
      FlowArchitecture architecture,
      int level,
      Tensor logScale,
      Tensor factorLogScale) {
    int channels = architecture.channels(level);
    int half = architecture.half(level);
    int width = architecture.width();
    int outputs = half * architecture.coupling().outputs();
    Tensor bias = scope.in("actnorm").take(zeros("bias", Shape.of(channels)));
    Tensor factors =
        factorLogScale == null
            ? null
            : scope.in("permutation").take(zeros("factors", Shape.of(channels, channels)));
    ParameterScope first = scope.in("coupling.0");
    ParameterScope second = scope.in("coupling.1");
    ParameterScope third = scope.in("coupling.2");
    return new StepParameters(
        new ActNorm(bias, logScale),
        factors,
        factorLogScale,
        first.take(Parameter.weight("weight", width, half, DEVIATION)),
        actNorm(first, width),
        second.take(Parameter.weight("weight", width, width, DEVIATION)),
        actNorm(second, width),
        third.take(zeros("weight", Shape.of(outputs, width))),
        actNorm(third, outputs));
  }

  private static ActNorm actNorm(ParameterScope scope, int channels) {
    return new ActNorm(
        scope.take(zeros("bias", Shape.of(channels))),
        scope.take(zeros("log_scale", Shape.of(channels))));
  }

  /** A parameter that begins with zeros, and decays. */
  static Parameter zeros(String name, Shape shape) {
    return new Parameter(name, shape, 0, 0, true);
  }
}
