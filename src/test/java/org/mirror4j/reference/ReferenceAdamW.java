package org.mirror4j.reference;

/**
 * AdamW (Loshchilov and Hutter 2019, algorithm 2) as in PyTorch: decay of every parameter, both
 * moments corrected for their start at 0, epsilon outside the corrected root.
 */
public record ReferenceAdamW(
    double learningRate, double beta1, double beta2, double epsilon, double weightDecay) {

  /**
   * Updates parameters and moments in place.
   *
   * @param step counts from 1
   */
  public void step(double[] parameters, double[] gradients, double[] m, double[] v, int step) {
    for (int i = 0; i < parameters.length; i++) {
      m[i] = beta1 * m[i] + (1 - beta1) * gradients[i];
      v[i] = beta2 * v[i] + (1 - beta2) * gradients[i] * gradients[i];
      double mean = m[i] / (1 - Math.pow(beta1, step));
      double root = Math.sqrt(v[i] / (1 - Math.pow(beta2, step)));
      parameters[i] *= 1 - learningRate * weightDecay;
      parameters[i] -= learningRate * mean / (root + epsilon);
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
