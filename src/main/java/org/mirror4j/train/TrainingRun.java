package org.mirror4j.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.mirror4j.checkpoint.ModelContents;
import org.mirror4j.checkpoint.ModelOutput;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.device.Device;
import org.mirror4j.device.Versions;
import org.mirror4j.file.FileException;
import org.mirror4j.file.OutputPath;
import org.mirror4j.tensor.Workspace;

/**
 * A run of any method, from its inputs to a model directory: says the settings and what the run
 * will take, trains with checkpoints beside the output, then writes the output and removes them.
 */
public final class TrainingRun {
  private final Device device;
  private final Method method;
  private final RunRequest request;
  private final TrainingListener listener;

  private TrainingRun(Device device, Method method, RunRequest request, TrainingListener listener) {
    this.device = device;
    this.method = method;
    this.request = request;
    this.listener = listener;
  }

  /**
   * Trains and writes the output directory, which appears whole or not at all. A run that is
   * stopped or killed is kept beside the output, see {@link RunOptions}.
   *
   * @throws FileException if the output is not free or an unfinished run cannot be gone on with
   * @throws org.mirror4j.tensor.Allocator.OutOfMemoryException if the run cannot fit, before
   *     anything is computed
   * @throws TrainingInterruptedException if the listener asks to stop
   * @throws ArithmeticException if a loss or gradient is not finite
   */
  public static void execute(
      Device device, Method method, RunRequest request, TrainingListener listener) {
    Device computing = device.computing(request.compute().precision());
    OutputPath.requireApart(request.output(), method.inputs());
    try (RunDirectory directory = RunDirectory.lock(request.output(), request.options())) {
      TrainingRun run = new TrainingRun(computing, method, request, listener);
      method.read(computing, request.compute(), listener, plan -> run.execute(plan, directory));
    }
  }

  /** Whether a run of that output was begun and has not ended, so that it can go on. */
  public static boolean isUnfinished(Path output) {
    return RunDirectory.isThere(output);
  }

  /**
   * Fails if {@link #execute} would refuse an output at once, whatever it trains.
   *
   * @throws FileException as there; nothing has changed
   */
  public static void check(Path output, RunOptions options) {
    RunDirectory.lock(output, options).close();
  }

  /**
   * Removes an output, and an unfinished run of it, where they are there.
   *
   * @throws FileException if either may not be replaced; nothing has changed then
   */
  public static void remove(Path output) {
    try (RunDirectory directory =
        RunDirectory.lock(output, new RunOptions(RunOptions.NEVER, false, true))) {
      directory.discard();
    }
  }

  private void execute(Method.Plan plan, RunDirectory directory) {
    ObjectNode settings = plan.settings();
    settings.put("precision", request.compute().precision().label());
    settings.put("store", request.store().label());
    if (!device.replacedKernels().isEmpty()) {
      device.replacedKernels().forEach(settings.putObject("kernels")::put);
    }
    listener.settings(settings);
    plan.remark(listener);
    ResourceEstimate estimate = plan.estimate();
    listener.estimate(estimate);
    estimate.requireMemory(device, plan.memoryOptions());
    if (directory.isDone(settings)) {
      listener.notice(request.output() + ": is there already, made by a run with these settings");
      listener.finished();
      return;
    }
    try (Workspace workspace = new Workspace(device)) {
      Method.Training training = plan.begin(workspace);
      directory.begin(settings);
      ModelSettings.Provenance made =
          new ModelSettings.Provenance(
              method.recipe(), method.seed(), plan.dataHash(), Versions.of(device), settings);
      OptionalInt best;
      try (TrainingTask task = training.task()) {
        best =
            new Trainer(
                    device,
                    training.trainables(),
                    training.optimization(),
                    task,
                    directory,
                    made,
                    request.options())
                .run(listener);
        task.finished();
      }
      write(training, directory, made.with(best));
    }
    try {
      directory.delete();
    } catch (FileException e) {
      listener.warning(e.getMessage()); // the output is there all the same
    }
    listener.finished();
  }

  /** Until the output is whole and on disk the folder stays, with a checkpoint of the last step. */
  private void write(
      Method.Training training, RunDirectory directory, ModelSettings.Provenance made) {
    try (Arena arena = Arena.ofConfined()) {
      ModelContents result = training.result(arena, request.store(), made);
      Path log = directory.log();
      ModelOutput.write(
          request.output(),
          result.with(path -> Files.copy(log, path.resolve(log.getFileName()))),
          directory.replacesOutput());
    } catch (FileException e) {
      throw new FileException(e.getMessage() + kept(directory), e);
    } catch (IOException e) {
      throw new FileException(
          FileException.of(request.output(), e).getMessage() + kept(directory), e);
    }
  }

  private static String kept(RunDirectory directory) {
    return "; all steps are kept in %s: %s writes the output"
        .formatted(directory.path(), directory.resuming());
  }
}
