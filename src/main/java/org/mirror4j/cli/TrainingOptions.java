package org.mirror4j.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.mirror4j.tensor.DType;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.RunRequest;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a training run writes and how it is kept. */
final class TrainingOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "Model directory to write.")
  private Path output;

  @Option(
      names = "--checkpoint-steps",
      paramLabel = "N",
      description = "A checkpoint to resume from is kept every N steps. Default: by time alone.")
  private Integer checkpointSteps;

  @Option(
      names = "--checkpoint-seconds",
      paramLabel = "N",
      defaultValue = "" + RunOptions.DEFAULT_SECONDS,
      description =
          "And every N seconds, or more rarely where that would take over a tenth of the time; and"
              + " at SIGINT and SIGTERM. Default: ${DEFAULT-VALUE}.")
  private int checkpointSeconds;

  @Mixin private PrecisionOption precision;

  @Option(
      names = "--no-replay",
      description =
          "Launch every operation of a step anew instead of replaying recorded steps on a card."
              + " Gives the same bytes.")
  private boolean noReplay;

  @Option(
      names = "--tensorboard",
      paramLabel = "DIR",
      description =
          "Write what train.jsonl has of each step to DIR as well, as TensorBoard reads it, in a"
              + " file of its own each time the run goes on.")
  private Path tensorBoard;

  @ArgGroup private Existing existing = new Existing();

  private static final class Existing {
    @Option(
        names = "--resume",
        description = "Go on with the unfinished run of this output; ends in the same bytes.")
    private boolean resume;

    @Option(
        names = "--overwrite",
        description =
            "Replace the output and an unfinished run of it, where they are there: a model and a"
                + " run of this program, and nothing else.")
    private boolean overwrite;
  }

  /**
   * What is asked of the run.
   *
   * @param store type of what is written
   */
  RunRequest request(DType store) {
    return new RunRequest(
        output,
        store,
        new ComputeOptions(precision.value(), !noReplay),
        valid(
            () ->
                new RunOptions(
                    checkpointSteps == null ? RunOptions.NEVER : checkpointSteps,
                    checkpointSeconds,
                    existing.resume,
                    existing.overwrite,
                    Optional.ofNullable(tensorBoard))));
  }

  /** A value made of options; one that is refused is wrong usage. */
  <T> T valid(Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
  }
}
