package org.mirror4j.optim;

import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Optimizer;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * AdamW (Loshchilov and Hutter 2019) and its variants over flat buffers. An update is part of a
 * step of {@link Optimization}, which measures and scales the gradients.
 */
public final class AdamW {
  /**
   * Which of the variants this is, and its constants.
   *
   * @param biasCorrection none or where
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param epsilon added to the root of the second moment
   * @param weightDecay decoupled, times the learning rate
   * @param decaysAll whether parameters decay too that are declared not to, biases and those of
   *     LayerNorm
   */
  public record Settings(
      BiasCorrection biasCorrection,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay,
      boolean decaysAll) {
    /**
     * AdamWeightDecayOptimizer of Google's BERT and of BERT-flow, BertAdam of SpanBERT's
     * fine-tuning: no bias correction, no decay of biases and LayerNorm.
     */
    public static Settings bert(double weightDecay) {
      return new Settings(BiasCorrection.NONE, 0.9, 0.999, 1e-6, weightDecay, false);
    }

    /** Adam of fairseq, with which SpanBERT was pretrained: all parameters decay. */
    public static Settings fairseq(double weightDecay) {
      return new Settings(BiasCorrection.STEP_SIZE, 0.9, 0.999, 1e-8, weightDecay, true);
    }
  }

  private final Device device;
  private final ParameterTable table;
  private final Settings settings;
  private final LearningRateSchedule schedule;
  private final Optimizer.AdamW decaying;
  private final Optimizer.AdamW others;
  private final Tensor gradients;
  private final Tensor firstMoment;
  private final Tensor secondMoment;

  /**
   * Plans the moments, which start at zero.
   *
   * @param device null when {@code workspace} only counts
   * @param table layout of all buffers
   * @param parameters flat
   * @param stored the parameters in the storage type, written with them; may be {@code parameters}
   * @param gradients flat
   * @param schedule the learning rate of each step
   */
  public AdamW(
      Device device,
      Workspace workspace,
      ParameterTable table,
      Tensor parameters,
      Tensor stored,
      Tensor gradients,
      Settings settings,
      LearningRateSchedule schedule) {
    this.device = device;
    this.table = table;
    this.settings = settings;
    this.schedule = schedule;
    this.gradients = gradients;
    firstMoment = workspace.f32("firstMoment", table.size());
    secondMoment = workspace.f32("secondMoment", table.size());
    decaying = part("decaying", parameters, stored, 0, table.decayingSize());
    others = part("others", parameters, stored, table.decayingSize(), table.size());
    if (device != null) {
      device.kernels().memory().fill(firstMoment, 0);
      device.kernels().memory().fill(secondMoment, 0);
    }
  }

  private Optimizer.AdamW part(String name, Tensor parameters, Tensor stored, int from, int to) {
    Shape shape = Shape.of(to - from);
    Tensor updated = parameters.view("parameters." + name, from, shape);
    return new Optimizer.AdamW(
        updated,
        stored == parameters ? updated : stored.view("storedParameters." + name, from, shape),
        gradients.view("gradients." + name, from, shape),
        firstMoment.view("firstMoment." + name, from, shape),
        secondMoment.view("secondMoment." + name, from, shape),
        (float) settings.beta1,
        (float) settings.beta2,
        (float) settings.epsilon);
  }

  /** m, flat; a checkpoint holds it. */
  public Tensor firstMoment() {
    return firstMoment;
  }

  /** v, flat; a checkpoint holds it. */
  public Tensor secondMoment() {
    return secondMoment;
  }

  /** The learning rate of a step. */
  public double rate(int step) {
    return schedule.rate(step);
  }

  ParameterTable table() {
    return table;
  }

  Tensor gradients() {
    return gradients;
  }

  /**
   * Updates parameters and moments.
   *
   * @param step whose learning rate is taken
   * @param number of the update, counts from 1
   * @param gradientScale what the gradients are multiplied by
   */
  void update(int step, int number, double gradientScale) {
    float rate = (float) rate(step);
    update(decaying, rate, settings.weightDecay, number, (float) gradientScale);
    update(
        others, rate, settings.decaysAll ? settings.weightDecay : 0, number, (float) gradientScale);
  }

  private void update(
      Optimizer.AdamW part, float rate, double weightDecay, int number, float gradientScale) {
    BiasCorrection correction = settings.biasCorrection;
    device
        .kernels()
        .optimizer()
        .adamW(
            part,
            gradientScale,
            (float) (1 - (double) rate * (float) weightDecay),
            correction.stepSize(rate, part.beta1(), part.beta2(), number),
            correction.inverseRoot(part.beta2(), number));
  }
}
