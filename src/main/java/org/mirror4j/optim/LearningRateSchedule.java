package org.mirror4j.optim;

/** The learning rate of each step. */
@FunctionalInterface
public interface LearningRateSchedule {
  /**
   * The learning rate.
   *
   * @param step counts from 1
   */
  double rate(int step);

  /** The same rate at every step, as Mirror-BERT trains. */
  static LearningRateSchedule constant(double rate) {
    return step -> rate;
  }

  /**
   * Rises from 0 to {@code peak} over {@code warmupSteps}, then falls to 0 at {@code totalSteps},
   * both linearly (Devlin et al. 2019, appendix A.2).
   */
  static LearningRateSchedule linear(double peak, int warmupSteps, int totalSteps) {
    return step ->
        step <= warmupSteps
            ? peak * step / warmupSteps
            : peak * Math.max(0, totalSteps - step + 1) / Math.max(1, totalSteps - warmupSteps);
  }
}
