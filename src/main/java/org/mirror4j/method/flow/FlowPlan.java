package org.mirror4j.method.flow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.mirror4j.calibrate.flow.FlowArchitecture;
import org.mirror4j.calibrate.flow.FlowFile;
import org.mirror4j.calibrate.flow.FlowGradient;
import org.mirror4j.calibrate.flow.FlowInitialization;
import org.mirror4j.calibrate.flow.NormalizingFlow;
import org.mirror4j.checkpoint.ModelContents;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.optim.Optimization;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.Fidelity;
import org.mirror4j.train.Method;
import org.mirror4j.train.ResourceEstimate;
import org.mirror4j.train.Trainable;
import org.mirror4j.train.TrainingListener;
import org.mirror4j.train.TrainingTask;

/** A run of {@link FlowTraining}, whose vectors are computed when it begins. */
final class FlowPlan implements Method.Plan {
  private final FlowTraining method;
  private final FlowSettings settings;
  private final Device device;
  private final ComputeOptions compute;
  private final FlowVectors vectors;
  private final FlowArchitecture architecture;
  private final FlowBatches batches;

  FlowPlan(
      FlowTraining method,
      Device device,
      ComputeOptions compute,
      TrainingListener listener,
      FlowVectors vectors) {
    this.method = method;
    settings = method.settings();
    this.device = device;
    this.compute = compute;
    this.vectors = vectors;
    architecture = settings.architecture(vectors.channels());
    batches = new FlowBatches(vectors, settings);
    if (batches.batchSize() < settings.batchSize()) {
      listener.warning(
          "there are %,d items, fewer than a batch of %,d: training on batches of %,d"
              .formatted(vectors.size(), settings.batchSize(), batches.batchSize()));
    }
  }

  @Override
  public String dataHash() {
    return vectors.sha256();
  }

  @Override
  public ObjectNode settings() {
    ObjectNode json = JsonFiles.object();
    json.put("command", "flow");
    json.setAll(vectors.settings());
    json.put("textHash", dataHash());
    json.put("recipe", method.recipe());
    json.put("fidelity", JsonRecords.label(method.fidelity()));
    json.put("items", vectors.size());
    json.put("sides", vectors.sides());
    json.put("channels", vectors.channels());
    json.setAll(JsonRecords.write(settings));
    json.put("batchSize", batches.batchSize());
    json.put("steps", batches.steps());
    // The steps say it: a run may go on with other epochs.
    json.remove("epochs");
    return json;
  }

  @Override
  public void remark(TrainingListener listener) {
    listener.notice(
        method.fidelity() == Fidelity.RELEASED
            ? "fidelity released: the encoder drops while the flow trains, and nothing is"
                + " initialised by the data"
            : "fidelity clean: no dropout, normalisations begin with the mean and deviation of a"
                + " batch; --fidelity released for the released code's ways");
    if (compute.precision() != Precision.F32) {
      listener.notice("the flow itself is computed in f32");
    }
    int leftOut = vectors.size() - batches.stepsPerEpoch() * batches.batchSize();
    if (leftOut > 0) {
      listener.notice(
          "%,d of %,d items fill no batch of %,d and are left out of each epoch"
              .formatted(leftOut, vectors.size(), batches.batchSize()));
    }
  }

  @Override
  public ResourceEstimate estimate() {
    try (Workspace counting = Workspace.counting()) {
      NormalizingFlow flow = NormalizingFlow.plan(null, counting, architecture);
      Trainable trainable = method.trainable(null, counting, flow);
      trainable.optimization(null, counting, method.clipping());
      new FlowGradient(
          null, counting, flow, trainable.gradients(), batches.rows(), vectors.sides());
      return ResourceEstimate.of(
          device,
          DType.F32,
          counting.bytes(),
          architecture.multiplications() * batches.rows() * batches.steps(),
          architecture.channels() / 2,
          architecture.width());
    }
  }

  @Override
  public String memoryOptions() {
    return "--batch-size";
  }

  @Override
  public Method.Training begin(Workspace workspace) {
    vectors.compute();
    NormalizingFlow flow = NormalizingFlow.fresh(device, workspace, architecture, settings.seed());
    if (method.fidelity() == Fidelity.RELEASED) {
      FlowInitialization.draw(device, flow, settings.seed());
    } else {
      FlowInitialization.run(device, flow, batches.beginning());
    }
    Trainable trainable = method.trainable(device, workspace, flow);
    return new InTraining(
        this,
        flow,
        List.of(trainable),
        trainable.optimization(device, workspace, method.clipping()));
  }

  private record InTraining(
      FlowPlan plan, NormalizingFlow flow, List<Trainable> trainables, Optimization optimization)
      implements Method.Training {
    @Override
    public TrainingTask task() {
      return new FlowTask(
          plan.device,
          flow,
          trainables.getFirst().gradients(),
          plan.batches,
          plan.compute.replay() && plan.device.tokenMultiple() > 1);
    }

    @Override
    public ModelContents result(Arena arena, DType store, ModelSettings.Provenance made) {
      return plan.vectors.contents(made.run(), this::write);
    }

    private void write(Path directory) throws IOException {
      try (FileChannel channel =
          FileChannel.open(
              directory.resolve(FlowFile.NAME),
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.WRITE)) {
        FlowFile.write(channel, plan.device, flow);
      }
    }
  }
}
