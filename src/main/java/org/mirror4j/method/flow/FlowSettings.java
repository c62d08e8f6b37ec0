package org.mirror4j.method.flow;

import org.mirror4j.calibrate.flow.FlowArchitecture;
import org.mirror4j.calibrate.flow.FlowCoupling;
import org.mirror4j.calibrate.flow.FlowPermutation;
import org.mirror4j.train.Settings;

/**
 * Every setting of a flow's training, in the order in which the settings of a run store them. Names
 * in brackets are those of the released code of BERT-flow.
 *
 * @param levels of the flow ({@code n_levels})
 * @param depth steps of a level ({@code depth})
 * @param width hidden units of a coupling's network ({@code coupling_width})
 * @param coupling additive or affine ({@code coupling_type})
 * @param permutation between couplings ({@code permutation})
 * @param batchSize pairs of a step, or single vectors ({@code train_batch_size})
 * @param epochs passes over the vectors, perhaps a part of one ({@code num_train_epochs})
 * @param steps of the whole run, 0 for as many as the epochs have
 * @param learningRate the same at every step ({@code flow_learning_rate})
 * @param epsilon of Adam, added to the root of the second moment
 * @param weightDecay decoupled, on every parameter
 * @param maxGradNorm gradients are clipped to this global norm, 0 for no clipping
 * @param shuffleBuffer vectors among which the next one is drawn, in the order of the data; 0 for
 *     an order of all
 * @param seed of parameters and order
 */
public record FlowSettings(
    int levels,
    int depth,
    int width,
    FlowCoupling coupling,
    FlowPermutation permutation,
    int batchSize,
    double epochs,
    int steps,
    double learningRate,
    double epsilon,
    double weightDecay,
    double maxGradNorm,
    int shuffleBuffer,
    long seed) {
  /** Checks each value; messages name the option. */
  public FlowSettings {
    Settings.atLeast("--levels", levels, 1);
    Settings.atLeast("--depth", depth, 1);
    Settings.atLeast("--width", width, 1);
    Settings.atLeast("--batch-size", batchSize, 1);
    Settings.positive("--epochs", epochs);
    Settings.atLeast("--max-steps", steps, 0);
    Settings.notNegative("--learning-rate", learningRate);
    Settings.positive("--epsilon", epsilon);
    Settings.notNegative("--weight-decay", weightDecay);
    Settings.notNegative("--max-grad-norm", maxGradNorm);
    Settings.atLeast("--shuffle-buffer", shuffleBuffer, 0);
  }

  /** Items of a step, where there are so many. */
  int batchSize(int items) {
    return Math.min(items, batchSize);
  }

  /** Steps of a pass over so many items. A rest that fills no batch is left out. */
  int stepsPerEpoch(int items) {
    return items / batchSize(items);
  }

  /**
   * Steps of the run over so many items: of a part of an epoch, the batches that are whole.
   *
   * @throws IllegalArgumentException if there are more than can be counted
   */
  int steps(int items) {
    return steps > 0 ? steps : Math.max(1, Settings.steps(epochs, stepsPerEpoch(items), 0));
  }

  /** How often the run goes through so many items, the last time perhaps not through all. */
  int readings(int items) {
    return Math.ceilDiv(steps(items), stepsPerEpoch(items));
  }

  /** The flow over vectors of so many values. */
  FlowArchitecture architecture(int channels) {
    return new FlowArchitecture(channels, levels, depth, width, coupling, permutation);
  }
}
