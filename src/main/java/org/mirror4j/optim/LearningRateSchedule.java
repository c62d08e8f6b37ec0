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

  /** The same rate at every step, as Mirror-BERT and BERT-flow train. */
  static LearningRateSchedule constant(double rate) {
    return step -> rate;
  }

  /**
   * Rises from 0 to {@code peak} over {@code warmupSteps}, then falls to 0 at {@code totalSteps},
   * both linearly (Devlin et al. 2019, appendix A.2). The first step has a rate already.
   */
  static LearningRateSchedule linear(double peak, int warmupSteps, int totalSteps) {
    return step ->
        step <= warmupSteps
            ? peak * step / warmupSteps
            : peak * Math.max(0, totalSteps - step + 1) / Math.max(1, totalSteps - warmupSteps);
  }

  /**
   * The same by the steps that are done, as BertAdam of SpanBERT's fine-tuning and transformers
   * have it: the first step has the rate 0.
   */
  static LearningRateSchedule linearFromZero(double peak, int warmupSteps, int totalSteps) {
    LearningRateSchedule linear = linear(peak, warmupSteps, totalSteps);
    return step -> step <= warmupSteps ? peak * (step - 1) / warmupSteps : linear.rate(step);
  }

  /**
   * Rises by the steps that are done, but falls as if there had been no warm-up: after it the rate
   * is {@code warmupSteps / totalSteps} below the peak at once. Google's BERT and BERT-flow; the
   * rate of SpanBERT's pretraining falls likewise.
   */
  static LearningRateSchedule linearOverWarmup(double peak, int warmupSteps, int totalSteps) {
    return step ->
        step <= warmupSteps
            ? peak * (step - 1) / warmupSteps
            : peak * Math.max(0, totalSteps - step + 1) / totalSteps;
  }
}
