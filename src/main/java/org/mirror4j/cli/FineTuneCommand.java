package org.mirror4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.mirror4j.encode.Bundled;
import org.mirror4j.method.finetune.FineTuning;
import org.mirror4j.method.finetune.FineTuningRecipe;
import org.mirror4j.method.finetune.FineTuningSettings;
import org.mirror4j.task.TaskKind;
import org.mirror4j.task.answer.AnswerKind;
import org.mirror4j.task.classification.GlueKind;
import org.mirror4j.task.coreference.CoreferenceKind;
import org.mirror4j.task.tagging.TaggingKind;
import org.mirror4j.text.Spelling;
import org.mirror4j.train.RunRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code finetune}: a model with the head of a task, from labelled data. */
@Command(
    name = "finetune",
    sortOptions = false,
    customSynopsis =
        "mirror4j finetune TASK --model DIR --train FILE [--dev FILE] --output DIR [OPTION...]",
    description = {
      "Trains a pretrained model and the head of a task on labelled data.",
      "With --dev the model is scored as it goes, and the best one is written. The output is a"
          + " model directory that transformers loads as the class of the task."
    })
final class FineTuneCommand implements Runnable {
  /** What can be learned, in the order of the help. */
  static final List<TaskKind> KINDS =
      Stream.<List<? extends TaskKind>>of(
              AnswerKind.all(), GlueKind.all(), List.of(new TaggingKind(), new CoreferenceKind()))
          .<TaskKind>flatMap(List::stream)
          .toList();

  @Spec private CommandSpec command;

  @Parameters(paramLabel = "TASK", description = "What is learned; listed below.")
  private String task;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      required = true,
      description = "Model to start from: a directory, or a name (see fetch).")
  private ModelArgument model;

  @Option(
      names = "--train",
      paramLabel = "FILE",
      required = true,
      description = "Labelled data to train on, as the task publishes it; perhaps gzipped.")
  private Path training;

  @Option(
      names = "--dev",
      paramLabel = "FILE",
      description = "The same to score on while the model trains.")
  private Path development;

  @Option(
      names = "--recipe",
      paramLabel = "NAME",
      description =
          "What the settings are unless they are given: classification, small-classification,"
              + " tagging, answers or coreference. Default: the task's.")
  private FineTuningRecipe recipe;

  @Mixin private TrainingOptions options;
  @Mixin private StoreOption store;
  @Mixin private FineTuningOptions finetuning;
  @Mixin private CoreferenceOptions coreference;
  @Mixin private DeviceOptions device;
  @Mixin private OutputOptions output;

  /** The tasks, for the help. */
  static List<String> table() {
    List<String> lines = new ArrayList<>(List.of("", "Tasks, with the recipe of each:"));
    KINDS.forEach(
        kind ->
            lines.add(
                "  %-11s  %s (%s)"
                    .formatted(
                        kind.name(),
                        kind.description(),
                        FineTuningRecipe.of(kind.recipe()).label())));
    return lines;
  }

  @Override
  public void run() {
    TaskKind kind = withOptions(kind());
    FineTuningRecipe used = recipe == null ? FineTuningRecipe.of(kind.recipe()) : recipe;
    FineTuningSettings settings = options.valid(() -> finetuning.settings(used));
    RunRequest request = options.request(store.type());
    Optional<Path> dev = Optional.ofNullable(development);
    try (Bundled bundled = Bundled.open()) {
      Path from = model.path(output.console(), bundled);
      TrainingCall.run(
          output.console(),
          device,
          "finetune",
          new FineTuning(
              from,
              model.text(),
              kind.name(),
              training,
              dev,
              (tokenizer, maxLength, notices) ->
                  kind.read(training, dev, tokenizer, maxLength, notices),
              used.label(),
              settings),
          request);
    }
  }

  /** The task with the options that it alone has. */
  private TaskKind withOptions(TaskKind kind) {
    if (kind instanceof CoreferenceKind) {
      return new CoreferenceKind(options.valid(coreference::settings));
    }
    coreference
        .given()
        .ifPresent(
            option -> {
              throw new ParameterException(
                  command.commandLine(), kind.name() + " takes no " + option);
            });
    return kind;
  }

  private TaskKind kind() {
    List<String> names = KINDS.stream().map(TaskKind::name).toList();
    return KINDS.stream()
        .filter(kind -> kind.name().equals(task))
        .findFirst()
        .orElseThrow(
            () ->
                new ParameterException(
                    command.commandLine(),
                    "no task %s, expected one that finetune --help lists%s"
                        .formatted(task, Spelling.hint(task, names))));
  }
}
