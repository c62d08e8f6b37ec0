package org.mirror4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.mirror4j.encode.Bundled;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.method.finetune.FineTuning;
import org.mirror4j.method.finetune.FineTuningRecipe;
import org.mirror4j.method.finetune.FineTuningSettings;
import org.mirror4j.task.TaskKind;
import org.mirror4j.task.answer.AnswerKind;
import org.mirror4j.task.classification.GlueKind;
import org.mirror4j.task.classification.TableKind;
import org.mirror4j.task.coreference.CoreferenceKind;
import org.mirror4j.task.coreference.CoreferenceSettings;
import org.mirror4j.task.relation.EntityMarking;
import org.mirror4j.task.relation.RelationKind;
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
              AnswerKind.all(),
              GlueKind.all(),
              RelationKind.all(),
              List.of(new TaggingKind(), new CoreferenceKind()),
              TableKind.all())
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
              + " tagging, relation, answers or coreference. Default: the task's.")
  private FineTuningRecipe recipe;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = {
        "Train N models, with --seed and the seeds after it, to see how far a score is chance. Each"
            + " is a model directory in the output: seed-42, seed-43 ... Their scores on --dev,"
            + " with mean, standard deviation and 95 %% interval, and which is the best, are said"
            + " at the end and stand in seeds.json there.",
        "--resume goes on with those that are not finished; it may ask for more of them."
      })
  private Integer seeds;

  @Option(
      names = "--marking",
      paramLabel = "NAME",
      description =
          "tacred: how entities are marked: ner, a symbol of its type in place of each; text,"
              + " symbols around each; text-ner or ner-text, the other after the sentence."
              + " Default: ner.")
  private EntityMarking marking;

  @Mixin private ColumnOptions columns;
  @Mixin private TrainingOptions options;
  @Mixin private StoreOption store;
  @Mixin private FineTuningOptions finetuning;
  @Mixin private CoreferenceOptions coreference;
  @Mixin private DeviceOptions device;
  @Mixin private OutputOptions output;

  /** The tasks and the values of the recipes, for the help. */
  static List<String> table() {
    List<String> lines = new ArrayList<>(List.of("", "Tasks, with the recipe of each:"));
    KINDS.forEach(
        kind ->
            lines.add(
                "  %-14s  %s (%s)"
                    .formatted(
                        kind.name(),
                        kind.description(),
                        FineTuningRecipe.of(kind.recipe()).label())));
    SequencedMap<String, FineTuningSettings> recipes = new LinkedHashMap<>();
    for (FineTuningRecipe recipe : FineTuningRecipe.values()) {
      recipes.put(recipe.label(), recipe.settings());
    }
    lines.addAll(RecipeTable.of("Recipes:", FineTuningOptions.class, recipes));
    lines.addAll(
        RecipeTable.of(
            "Of coreference besides:",
            CoreferenceOptions.class,
            new LinkedHashMap<>(Map.of("default", CoreferenceSettings.base()))));
    return lines;
  }

  @Override
  public void run() {
    TaskKind kind = withOptions(marked(kind()));
    FineTuningRecipe used = recipe == null ? FineTuningRecipe.of(kind.recipe()) : recipe;
    FineTuningSettings settings =
        options.valid(() -> finetuning.settings(used, development != null));
    if (settings.patience() > 0 && development == null) {
      throw new ParameterException(command.commandLine(), "--patience needs --dev");
    }
    RunRequest request = options.request(store.type());
    Optional<Path> dev = Optional.ofNullable(development);
    requireScored();
    try (Bundled bundled = Bundled.open()) {
      FineTuning method =
          new FineTuning(
              model.path(output.console(), bundled),
              model.text(),
              kind.name(),
              kind.options(),
              training,
              dev,
              FineTuning.TaskReader.of(kind, training, dev),
              used.label(),
              settings);
      if (seeds == null) {
        TrainingCall.run(output.console(), device::open, "finetune", method, request);
        return;
      }
      List<Long> all = LongStream.range(0, seeds).map(n -> settings.seed() + n).boxed().toList();
      SeedRuns runs = new SeedRuns(output.console(), all, method::with, request);
      TrainingCall.run(output.console(), device::open, "finetune", runs::execute);
    }
  }

  private void requireScored() {
    if (seeds == null) {
      return;
    }
    if (seeds < 1) {
      throw new ParameterException(
          command.commandLine(), "--seeds is " + seeds + ", expected at least 1");
    }
    if (development == null) {
      throw new ParameterException(
          command.commandLine(), "--seeds needs --dev, on which the models are scored");
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
    TaskKind found =
        KINDS.stream()
            .filter(kind -> kind.name().equals(task))
            .findFirst()
            .orElseThrow(
                () ->
                    wrong(
                        "no task %s, expected one that finetune --help lists%s"
                            .formatted(task, Spelling.hint(task, names))));
    if (found instanceof TableKind table) {
      columns
          .missing()
          .ifPresent(
              option -> {
                throw wrong("%s needs %s, the name of a column".formatted(task, option));
              });
      return table.with(columns.columns());
    }
    columns
        .given()
        .ifPresent(
            option -> {
              throw wrong(task + " takes no " + option);
            });
    return found;
  }

  /** The task with what is said of its entities. */
  private TaskKind marked(TaskKind kind) {
    if (marking == null) {
      return kind;
    }
    if (!(kind instanceof RelationKind relation)) {
      throw wrong(kind.name() + " takes no --marking");
    }
    if (!relation.markings().contains(marking)) {
      throw wrong(
          "--marking is %s, expected for %s %s"
              .formatted(
                  JsonRecords.label(marking),
                  kind.name(),
                  String.join(
                      ", ", relation.markings().stream().map(JsonRecords::label).toList())));
    }
    return relation.marked(marking);
  }

  private ParameterException wrong(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
