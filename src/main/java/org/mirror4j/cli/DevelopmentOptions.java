package org.mirror4j.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.mirror4j.eval.DevelopmentScores;
import org.mirror4j.eval.MeasuredTextEncoder;
import org.mirror4j.eval.TaskGroup;
import org.mirror4j.eval.Tasks;
import org.mirror4j.method.mirror.DevelopmentTask;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a model is scored on while it is tuned. */
final class DevelopmentOptions {
  private static final int DEFAULT_STEPS = 20;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--dev",
      paramLabel = "TASK",
      description =
          "Score the model on a task of 'eval' as it goes, stsb-dev say or pairs:FILE; the output"
              + " is that of the step that did best. A test set whose development set is a task,"
              + " too, is refused, others are a warning.")
  private String task;

  @Option(
      names = "--dev-steps",
      paramLabel = "N",
      description =
          "Steps between two scores on --dev, which also come last. Default: "
              + DEFAULT_STEPS
              + ".")
  private Integer steps;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Folder of the data sets that --dev is in; 'mirror4j data' says what belongs there.")
  private Path data;

  /**
   * The task, its files read; empty where none is asked for.
   *
   * @throws ParameterException if an option has no effect, a value is not allowed or there is no
   *     such task
   * @throws RuntimeException as {@link DevelopmentScores#read}
   */
  Optional<DevelopmentTask> task(Console console) {
    if (task == null) {
      if (steps != null || data != null) {
        throw new ParameterException(
            command.commandLine(),
            "%s has no effect without --dev".formatted(steps != null ? "--dev-steps" : "--data"));
      }
      return Optional.empty();
    }
    if (steps != null && steps < 1) {
      throw new ParameterException(
          command.commandLine(), "--dev-steps is " + steps + ", expected at least 1");
    }
    TaskGroup group = AskedTask.resolve(command.commandLine(), new Tasks(data), task);
    DevelopmentScores scores =
        DevelopmentScores.read(group, task, console::notice, console::warning);
    return Optional.of(
        new DevelopmentTask(
            scores.name(),
            scores.files(),
            scores.hash(),
            steps == null ? DEFAULT_STEPS : steps,
            (device, encoder) -> scores.of(device, new MeasuredTextEncoder(encoder, _ -> {}))));
  }
}
