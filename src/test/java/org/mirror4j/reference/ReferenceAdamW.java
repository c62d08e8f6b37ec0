package org.mirror4j.reference;

/**
 * AdamW (Loshchilov and Hutter 2019, algorithm 2) with decay of every parameter, each variant as
 * its code has it.
 */
public record ReferenceAdamW(
    Variant variant,
    double learningRate,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay) {
  /** Whose code it is. */
  public enum Variant {
    /** Both moments corrected for their start at 0, epsilon outside the corrected root. */
    PYTORCH,
    /** AdamWeightDecayOptimizer and BertAdam: moments as they are; decay is part of the update. */
    BERT,
    /** Epsilon outside the root as it is; the step size corrected; decay before. */
    FAIRSEQ
  }

  /** That of PyTorch. */
  public ReferenceAdamW(
      double learningRate, double beta1, double beta2, double epsilon, double weightDecay) {
    this(Variant.PYTORCH, learningRate, beta1, beta2, epsilon, weightDecay);
  }

  /**
   * Updates parameters and moments in place.
   *
   * @param step counts from 1
   */
  public void step(double[] parameters, double[] gradients, double[] m, double[] v, int step) {
    for (int i = 0; i < parameters.length; i++) {
      m[i] = beta1 * m[i] + (1 - beta1) * gradients[i];
      v[i] = beta2 * v[i] + (1 - beta2) * gradients[i] * gradients[i];
      parameters[i] = updated(parameters[i], m[i], v[i], step);
    }
  }

  private double updated(double parameter, double m, double v, int step) {
    double correction1 = 1 - Math.pow(beta1, step);
    double correction2 = 1 - Math.pow(beta2, step);
    switch (variant) {
      case PYTORCH -> {
        double decayed = parameter * (1 - learningRate * weightDecay);
        double root = Math.sqrt(v / correction2);
        return decayed - learningRate * (m / correction1) / (root + epsilon);
      }
      case BERT -> {
        double update = m / (Math.sqrt(v) + epsilon);
        update += weightDecay * parameter;
        return parameter - learningRate * update;
      }
      default -> {
        double decayed = parameter - weightDecay * learningRate * parameter;
        double stepSize = learningRate * Math.sqrt(correction2) / correction1;
        return decayed - stepSize * (m / (Math.sqrt(v) + epsilon));
      }
    }
  }

  /** Updates every tensor and its moments in place. */
  public void step(
      ReferenceParameters parameters,
      ReferenceParameters gradients,
      ReferenceParameters m,
      ReferenceParameters v,
      int step) {
    for (String name : parameters.names()) {
      step(
          parameters.get(name).data,
          gradients.get(name).data,
          m.get(name).data,
          v.get(name).data,
          step);
    }
  }
}
