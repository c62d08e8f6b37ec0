package org.mirror4j.train;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.mirror4j.bert.BertModel;
import org.mirror4j.checkpoint.CheckpointException;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.checkpoint.TrainingState;
import org.mirror4j.device.Device;
import org.mirror4j.optim.AdamW;
import org.mirror4j.optim.LearningRateSchedule;
import org.mirror4j.tensor.Allocator;
import org.mirror4j.tensor.Tensor;

/**
 * Runs the steps of a task: loss and gradients, update, log, checkpoint. All randomness of a task
 * is a function of the step's number, so parameters, moments, that number and the loss scale are
 * the whole state, and a resumed run ends in the same bytes as an unbroken one.
 */
final class Trainer {
  private final Device device;
  private final TrainableModel model;
  private final TrainingTask task;
  private final LearningRateSchedule schedule;
  private final RunDirectory directory;
  private final ModelSettings.Provenance provenance;
  private final int checkpointSteps;

  /**
   * A trainer.
   *
   * @param provenance what a checkpoint says of its run
   * @param checkpointSteps a checkpoint is written every so many steps
   */
  Trainer(
      Device device,
      TrainableModel model,
      TrainingTask task,
      LearningRateSchedule schedule,
      RunDirectory directory,
      ModelSettings.Provenance provenance,
      int checkpointSteps) {
    this.device = device;
    this.model = model;
    this.task = task;
    this.schedule = schedule;
    this.directory = directory;
    this.provenance = provenance;
    this.checkpointSteps = checkpointSteps;
  }

  /**
   * Runs from the newest checkpoint of the run directory, or from the first step, to the end.
   *
   * @throws ArithmeticException if a loss or gradient is not finite
   */
  void run(TrainingListener listener) {
    Optional<Path> checkpoint = TrainingState.latest(directory.path());
    int done = checkpoint.map(this::restore).orElse(0);
    if (done > task.steps()) {
      throw new CheckpointException(
          "%s: %,d steps are done, %,d are asked; ask for at least as many"
              .formatted(checkpoint.orElseThrow(), done, task.steps()));
    }
    listener.started(done + 1, task.steps());
    try (RunDirectory.Log log = directory.openLog(done);
        BatchesAhead batches = new BatchesAhead(task, done + 1)) {
      if (log.lost() > 0) {
        listener.warning(
            "train.jsonl has lost the lines of %,d of the %,d steps that are done; the run goes on"
                .formatted(log.lost(), done));
      }
      for (int step = done + 1; step <= task.steps(); step++) {
        StepRecord result = step(step, batches);
        log.append(result);
        listener.step(result);
        if (step % checkpointSteps == 0 && step < task.steps()) {
          // First the log: a checkpoint never knows of a step that the log has not.
          log.force();
          save(step);
        }
      }
    }
  }

  private StepRecord step(int step, BatchesAhead batches) {
    TrainingTask.Batch batch = batches.next();
    long start = System.nanoTime();
    batch.upload();
    double loss = batch.lossAndGradient();
    if (!Double.isFinite(loss)) {
      throw new ArithmeticException(
          "step %d: the loss is %s; lower the learning rate%s"
              .formatted(
                  step, loss, model.lossScaler().dynamic() ? " or use --precision bf16" : ""));
    }
    double rate = schedule.rate(step);
    boolean updated = model.optimizer().step(rate, step);
    // While the update runs, the next batch is copied.
    batches.ready().ifPresent(TrainingTask.Batch::upload);
    device.synchronize();
    double seconds = (System.nanoTime() - start) * 1e-9;
    OptionalDouble heldOut = task.heldOutLoss(step);
    return new StepRecord(
        step, task.epoch(step), loss, rate, batch.tokens(), seconds, heldOut, !updated);
  }

  private List<TrainingState.Parameter> table() {
    return model.model().table().entries().stream()
        .map(entry -> new TrainingState.Parameter(entry.name(), entry.offset(), entry.shape()))
        .toList();
  }

  private void save(int step) {
    BertModel trained = model.model();
    AdamW optimizer = model.optimizer();
    try (Arena arena = Arena.ofConfined()) {
      new TrainingState(
              step,
              task.epoch(step),
              provenance.dataHash(),
              provenance.versions(),
              provenance.run(),
              LossScaleFields.of(model.lossScaler()))
          .write(
              directory.path(),
              table(),
              new TrainingState.Buffers(
                  download(arena, trained.parameters().flat()),
                  download(arena, optimizer.firstMoment()),
                  download(arena, optimizer.secondMoment())));
    }
  }

  private MemorySegment download(Arena arena, Tensor tensor) {
    MemorySegment host = arena.allocate(tensor.bytes(), Allocator.ALIGNMENT);
    device.download(host, tensor);
    return host;
  }

  private int restore(Path checkpoint) {
    TrainingState state = TrainingState.read(checkpoint);
    if (!state.dataHash().equals(provenance.dataHash())) {
      throw new CheckpointException(
          "%s: made from data with hash %s, now %s: the corpus has changed"
              .formatted(checkpoint, state.dataHash(), provenance.dataHash()));
    }
    BertModel trained = model.model();
    AdamW optimizer = model.optimizer();
    try (Arena arena = Arena.ofConfined()) {
      // Downloaded first: what lies between parameters in the flat buffers stays as it is.
      TrainingState.Buffers buffers =
          new TrainingState.Buffers(
              download(arena, trained.parameters().flat()),
              download(arena, optimizer.firstMoment()),
              download(arena, optimizer.secondMoment()));
      TrainingState.readBuffers(checkpoint, table(), buffers);
      device.upload(trained.parameters().flat(), buffers.parameters());
      trained.refreshStored(device);
      device.upload(optimizer.firstMoment(), buffers.firstMoments());
      device.upload(optimizer.secondMoment(), buffers.secondMoments());
    }
    LossScaleFields.restore(model.lossScaler(), state.progress(), checkpoint);
    return Math.toIntExact(state.step());
  }
}
