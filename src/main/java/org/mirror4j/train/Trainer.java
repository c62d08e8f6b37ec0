package org.mirror4j.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.checkpoint.TrainingState;
import org.mirror4j.device.Device;
import org.mirror4j.file.FileException;
import org.mirror4j.optim.Optimization;

/**
 * Runs the steps of a task: loss and gradients, update, log, checkpoint. All randomness of a task
 * is a function of the step's number, so parameters, moments, that number and the loss scale are
 * the whole state, and a resumed run ends in the same bytes as an unbroken one.
 */
final class Trainer {
  private final Device device;
  private final List<Trainable> trainables;
  private final Optimization optimization;
  private final TrainingTask task;
  private final RunDirectory directory;
  private final ModelSettings.Provenance provenance;
  private final RunOptions options;
  private final BestStep best = new BestStep();
  private int saved;

  /** The batch of the next step where it is on the device already; null where it is not. */
  private TrainingTask.Batch ahead;

  /** Of the last step that was done by this process, which a checkpoint is of. */
  private int epoch;

  /**
   * A trainer.
   *
   * @param trainables one or several; the log has the learning rate of the first
   * @param optimization by the optimisers of all of these
   * @param provenance what a checkpoint says of its run
   * @param options when a checkpoint is written
   */
  Trainer(
      Device device,
      List<Trainable> trainables,
      Optimization optimization,
      TrainingTask task,
      RunDirectory directory,
      ModelSettings.Provenance provenance,
      RunOptions options) {
    this.device = device;
    this.trainables = trainables;
    this.optimization = optimization;
    this.task = task;
    this.directory = directory;
    this.provenance = provenance;
    this.options = options;
  }

  /**
   * Runs from the newest checkpoint of the run directory, or from the first step, to the end, and
   * leaves a checkpoint of the last step.
   *
   * @return the step whose parameters are the result, where those are kept that do best on held-out
   *     data
   * @throws ArithmeticException if a loss or gradient is not finite
   * @throws TrainingInterruptedException if the listener asks to stop; a checkpoint of the last
   *     step that was done is there then
   */
  OptionalInt run(TrainingListener listener) {
    Optional<Path> checkpoint = TrainingState.latest(directory.path());
    int done = checkpoint.map(path -> restore(path, listener)).orElse(0);
    if (done > task.steps()) {
      throw new FileException(
          "%s: %,d steps are done, %,d are asked; ask for at least as many"
              .formatted(checkpoint.orElseThrow(), done, task.steps()));
    }
    if (options.resume() && checkpoint.isEmpty()) {
      listener.notice("the unfinished run has no checkpoint yet: from the first step");
    }
    saved = done;
    recallBest(done);
    Optional<TrainingTask.HeldOut> untrained = done == 0 ? task.heldOut(0) : Optional.empty();
    untrained.ifPresent(listener::untrained);
    untrained.map(TrainingTask.HeldOut::quality).ifPresent(best::begin);
    if (done > 0 && done < task.steps()) {
      listener.resuming(done);
      task.skip(done, listener);
      if (listener.stopRequested()) {
        throw interrupted(done);
      }
    }
    listener.started(done + 1, task.steps());
    try (StepLog log = StepLog.open(directory.log(), done);
        BatchesAhead batches = new BatchesAhead(task, done + 1);
        EventFile events = done < task.steps() ? events(done) : null) {
      if (log.lost() > 0) {
        listener.warning(
            "train.jsonl has lost the lines of %,d of the %,d steps that are done; the run goes on"
                .formatted(log.lost(), done));
      }
      if (events != null) {
        untrained.ifPresent(heldOut -> events.append(0, heldOut));
      }
      CheckpointInterval interval = new CheckpointInterval(options, System.nanoTime());
      int last = done;
      while (last < task.steps() && !isExhausted()) {
        requireUninterrupted(listener, log, last);
        int step = last + 1;
        StepRecord result = step(step, batches);
        keepBest(result);
        log.append(result);
        if (events != null) {
          events.append(result);
        }
        listener.step(result);
        long start = System.nanoTime();
        if (interval.due(step, start)) {
          save(log, step);
          interval.written(start, System.nanoTime());
        }
        last = step;
      }
      if (last < task.steps()) {
        listener.notice(
            "ended after step %,d of %,d: %d times in a row held-out data gave nothing better"
                .formatted(last, task.steps(), best.worse()));
      }
      // The output may be refused, or not be written to its end.
      save(log, last);
      restoreBest(listener, last);
      trainables.forEach(trainable -> trainable.optimizer().settle());
    }
    return best.step();
  }

  /** Null where none is asked for. */
  private EventFile events(int done) {
    return options
        .tensorBoard()
        .map(folder -> EventFile.create(folder, done == 0 ? 0 : done + 1))
        .orElse(null);
  }

  /**
   * Keeps the parameters of the best step. Those of the best before it stay until there is a
   * checkpoint: a run that is killed now goes on from the last one, and with another end it takes
   * another way, on which this step may never come.
   */
  private void keepBest(StepRecord step) {
    if (!task.keepsBest() || step.heldOut().isEmpty()) {
      return;
    }
    if (best.offer(step.step(), step.heldOut().get().quality(), saved)) {
      try (Arena arena = Arena.ofConfined()) {
        state(step.step()).write(directory.best(), downloadParameters(arena), best.before());
      }
    }
  }

  /** What is best of the steps that are done; a later one is of the way that was not gone on. */
  private void recallBest(int done) {
    if (task.keepsBest()) {
      TrainingState.latestUpTo(directory.best(), done)
          .map(TrainingState::read)
          .ifPresent(kept -> best.recall((int) kept.step(), kept.progress()));
    }
  }

  private boolean isExhausted() {
    return task.patience() > 0 && best.worse() >= task.patience();
  }

  private void restoreBest(TrainingListener listener, int last) {
    if (best.step().isEmpty()) {
      if (task.keepsBest()) {
        listener.warning(
            "no score on held-out data was a number: the output is that of the last step");
      }
      return;
    }
    if (best.isWorseThanTheBegin()) {
      listener.notice("no step did as well on held-out data as what it began with");
    }
    int step = best.step().getAsInt();
    if (step != last) {
      Path checkpoint =
          TrainingState.latest(directory.best())
              .filter(kept -> TrainingState.read(kept).step() == step)
              .orElseThrow(
                  () ->
                      new FileException(
                          "%s: has no checkpoint of step %d, which did best on held-out data"
                              .formatted(directory.best(), step)));
      try (Arena arena = Arena.ofConfined()) {
        restore(checkpoint, downloadParameters(arena));
      }
    }
    listener.notice(
        "the result is that of step %,d, which did best on held-out data".formatted(step));
  }

  private void requireUninterrupted(TrainingListener listener, StepLog log, int done) {
    if (listener.stopRequested()) {
      save(log, done);
      throw interrupted(done);
    }
  }

  private TrainingInterruptedException interrupted(int done) {
    return new TrainingInterruptedException(
        "interrupted after step %d; %s goes on from step %d"
            .formatted(done, directory.resuming(), done));
  }

  private void save(StepLog log, int step) {
    if (step > saved) {
      // First the log: a checkpoint never knows of a step that the log has not.
      log.force();
      try (Arena arena = Arena.ofConfined()) {
        state(step).write(directory.path(), download(arena));
      }
      saved = step;
    }
  }

  private StepRecord step(int step, BatchesAhead batches) {
    TrainingTask.Batch batch = batches.next();
    long start = System.nanoTime();
    if (batch != ahead) {
      batch.upload();
    }
    TrainingTask.Loss loss = batch.lossAndGradient(optimization.lossScaler().scale());
    if (!Double.isFinite(loss.total())) {
      throw new ArithmeticException(
          "step %d: the loss is %s; lower the learning rate%s"
              .formatted(
                  step,
                  loss.total(),
                  optimization.lossScaler().dynamic() ? " or use --precision bf16" : ""));
    }
    boolean updated = optimization.step(step);
    // While the update runs, the next batch is copied.
    ahead = batches.ready().orElse(null);
    if (ahead != null) {
      ahead.upload();
    }
    device.synchronize();
    double seconds = (System.nanoTime() - start) * 1e-9;
    Optional<TrainingTask.HeldOut> heldOut = task.heldOut(step);
    double rate = trainables.getFirst().optimizer().rate(step);
    epoch = batch.epoch();
    return new StepRecord(
        step, epoch, loss, rate, batch.size(), task.unit(), seconds, heldOut, !updated);
  }

  private TrainingState state(int step) {
    return new TrainingState(
        step, epoch, provenance.dataHash(), provenance.versions(), provenance.run(), progress());
  }

  private ObjectNode progress() {
    ObjectNode json = LossScaleFields.of(optimization.lossScaler());
    best.write(json);
    return json;
  }

  private List<TrainingState.Buffers> download(Arena arena) {
    return trainables.stream().map(trainable -> trainable.download(device, arena)).toList();
  }

  private List<TrainingState.Buffers> downloadParameters(Arena arena) {
    return trainables.stream()
        .map(trainable -> trainable.downloadParameters(device, arena))
        .toList();
  }

  private int restore(Path checkpoint, TrainingListener listener) {
    TrainingState state = TrainingState.read(checkpoint);
    RunSettings.requireSameRun(checkpoint, state.settings(), provenance.run());
    if (!state.versions().equals(provenance.versions())) {
      listener.warning(
          "the steps so far were done by %s, now %s: the result may differ from an unbroken run's"
              .formatted(state.versions(), provenance.versions()));
    }
    try (Arena arena = Arena.ofConfined()) {
      restore(checkpoint, download(arena));
    }
    LossScaleFields.restore(optimization.lossScaler(), state.progress(), checkpoint);
    best.recallCheckpoint(state.progress());
    return (int) Math.min(state.step(), Integer.MAX_VALUE);
  }

  /**
   * Overwrites what is trained.
   *
   * @param buffers as they are now: what lies between parameters in them stays as it is
   */
  private void restore(Path checkpoint, List<TrainingState.Buffers> buffers) {
    TrainingState.readBuffers(checkpoint, buffers);
    for (int i = 0; i < buffers.size(); i++) {
      trainables.get(i).upload(device, buffers.get(i));
    }
  }
}
