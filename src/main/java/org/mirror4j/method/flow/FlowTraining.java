package org.mirror4j.method.flow;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.mirror4j.calibrate.flow.NormalizingFlow;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.optim.AdamW;
import org.mirror4j.optim.BiasCorrection;
import org.mirror4j.optim.Clipping;
import org.mirror4j.optim.LearningRateSchedule;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.Fidelity;
import org.mirror4j.train.Method;
import org.mirror4j.train.Trainable;
import org.mirror4j.train.TrainingListener;

/**
 * BERT-flow (Li et al. 2020): a normalising flow is trained to map the vectors of a frozen model to
 * a standard Gaussian. The precision of a run is that of the model; the flow is computed and
 * written in f32.
 *
 * <p>The released code differs from the paper in two ways. The encoder drops while the flow trains.
 * And the data-dependent initialisation is there but is never run, as the hook that would run it is
 * given to nobody: biases and scales begin as TensorFlow draws what nobody initialises.
 *
 * @param source the model and its vectors
 * @param recipe name that the output says it was made by
 * @param settings every other value
 * @param fidelity whether it does as the released code does
 */
public record FlowTraining(
    FlowSource source, String recipe, FlowSettings settings, Fidelity fidelity) implements Method {
  private static final double BETA_1 = 0.9, BETA_2 = 0.999;

  /** The flow with Adam as the released code has it: no bias correction, all parameters decay. */
  Trainable trainable(Device device, Workspace workspace, NormalizingFlow flow) {
    return Trainable.of(
        device,
        workspace,
        flow.table(),
        flow.parameters(),
        flow.parameters(),
        new AdamW.Settings(
            BiasCorrection.NONE, BETA_1, BETA_2, settings.epsilon(), settings.weightDecay(), true),
        LearningRateSchedule.constant(settings.learningRate()));
  }

  /** How its gradients are clipped. */
  Clipping clipping() {
    return Clipping.global(settings.maxGradNorm());
  }

  @Override
  public long seed() {
    return settings.seed();
  }

  @Override
  public List<Path> inputs() {
    return source.inputs();
  }

  @Override
  public void read(
      Device device, ComputeOptions compute, TrainingListener listener, Consumer<Plan> run) {
    source.read(
        device,
        settings,
        fidelity,
        listener,
        vectors ->
            run.accept(
                new FlowPlan(this, device.computing(Precision.F32), compute, listener, vectors)));
  }
}
