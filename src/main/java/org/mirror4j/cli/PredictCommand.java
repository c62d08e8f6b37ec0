package org.mirror4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.mirror4j.method.finetune.FineTuningSettings;
import org.mirror4j.task.PredictedKind;
import org.mirror4j.task.answer.AnswerKind;
import org.mirror4j.task.classification.TableKind;
import org.mirror4j.text.Spelling;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code predict}: what the head of a model says of texts. */
@Command(
    name = "predict",
    sortOptions = false,
    customSynopsis = {
      "mirror4j predict TASK --model DIR --input FILE --output FILE [--score] [OPTION...]",
      "       mirror4j predict TASK --model DIR TEXT [TEXT] [OPTION...]",
      "       mirror4j predict TASK --model DIR --question TEXT --context TEXT [OPTION...]",
      "       mirror4j predict fill-mask [OPTION...]"
    },
    description = {
      "Predicts with the heads of a model: what a fine-tuned model says of texts, and the tokens"
          + " that are hidden in a text.",
      "With --input it writes the file that the official scorer of the task takes; texts on the"
          + " command line are answered there, with probabilities."
    },
    subcommands = FillMaskCommand.class)
final class PredictCommand implements Runnable {
  @Spec private CommandSpec command;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "TASK",
      description = "What the model was fine-tuned for; listed below.")
  private String task;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "TEXT",
      description = "A text, or the two of a task of pairs, in place of --input.")
  private List<String> texts = new ArrayList<>();

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "A fine-tuned model: a directory, or a name (see fetch).")
  private ModelArgument model;

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description =
          "Texts as the task publishes them, perhaps gzipped; what is to be predicted may be"
              + " absent, as in test sets.")
  private Path input;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description =
          "Predictions to write, replaced where they are there; in a directory under the name that"
              + " the task's benchmark expects.")
  private Path output;

  @Option(
      names = "--score",
      description = "Also score them, as 'score TASK' does; the input then has what is right.")
  private boolean score;

  @Option(
      names = "--question",
      paramLabel = "TEXT",
      description = "Tasks with passages: a question, in place of --input.")
  private String question;

  @Option(names = "--context", paramLabel = "TEXT", description = "The passage that it is about.")
  private String context;

  @Option(
      names = "--threshold",
      paramLabel = "NUMBER",
      description =
          "squad-2.0: there is no answer where its score is above the best answer's by more than"
              + " that; Infinity answers all. Default: what was best for F1 on --dev of finetune,"
              + " or 0.")
  private Double threshold;

  @Option(
      names = "--null-odds",
      paramLabel = "FILE",
      description = "squad-2.0: also write that difference of each question, {\"ID\": NUMBER}.")
  private Path nullOdds;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description =
          "Tokens of an example, special tokens included. Default: what the model was fine-tuned"
              + " with.")
  private Integer maxLength;

  @Mixin private PrecisionOption precision;
  @Mixin private ColumnOptions columns;
  @Mixin private DeviceOptions device;
  @Mixin private OutputOptions outputOptions;

  /** What can be predicted, in the order of the help. */
  static List<PredictedKind> kinds() {
    return FineTuneCommand.KINDS.stream()
        .filter(PredictedKind.class::isInstance)
        .map(PredictedKind.class::cast)
        .toList();
  }

  /** Whether a task is called so. */
  static boolean isTask(String name) {
    return kinds().stream().anyMatch(kind -> kind.name().equals(name));
  }

  /** The tasks, for the help. */
  static List<String> table() {
    List<String> lines =
        new ArrayList<>(List.of("", "Tasks, the form of --input, and what stands in its place:"));
    kinds()
        .forEach(
            kind ->
                lines.add(
                    "  %-14s  %s; %s".formatted(kind.name(), kind.description(), kind.asked())));
    lines.add("");
    return lines;
  }

  @Override
  public void run() {
    if (task == null) {
      throw wrong("a task is missing");
    }
    PredictedKind kind = kind();
    if (model == null) {
      throw wrong("--model is missing, expected a model that was fine-tuned for " + task);
    }
    if (maxLength != null && maxLength < FineTuningSettings.LEAST_LENGTH) {
      throw wrong(
          "--max-length is %d, expected at least %d"
              .formatted(maxLength, FineTuningSettings.LEAST_LENGTH));
    }
    checkNoAnswer(kind);
    checkColumns(kind);
    List<String> asked = asked(kind);
    PredictionCall call =
        new PredictionCall(
            outputOptions.console(),
            device,
            model,
            configured(kind),
            maxLength == null ? OptionalInt.empty() : OptionalInt.of(maxLength),
            precision.value());
    if (input == null) {
      checkAlone();
      call.answer(asked);
      return;
    }
    if (output == null) {
      throw wrong("--output is missing, expected a file for the predictions");
    }
    Path file = Files.isDirectory(output) ? output.resolve(kind.fileName(input)) : output;
    ReportFiles.check(command.commandLine(), "--output", file);
    if (nullOdds != null) {
      ReportFiles.check(command.commandLine(), "--null-odds", nullOdds);
      if (nullOdds.toAbsolutePath().normalize().equals(file.toAbsolutePath().normalize())) {
        throw wrong("--output and --null-odds are both " + file + ", expected two files");
      }
    }
    call.write(input, file, nullOdds, score);
  }

  private PredictedKind kind() {
    List<String> names = kinds().stream().map(PredictedKind::name).toList();
    return kinds().stream()
        .filter(kind -> kind.name().equals(task))
        .findFirst()
        .orElseThrow(
            () ->
                wrong(
                    "no task %s, expected one that predict --help lists%s"
                        .formatted(task, Spelling.hint(task, names))));
  }

  private PredictedKind configured(PredictedKind kind) {
    return switch (kind) {
      case AnswerKind answers when threshold != null -> answers.with(threshold);
      case TableKind table -> table.with(columns.columns());
      default -> kind;
    };
  }

  private void checkColumns(PredictedKind kind) {
    columns
        .given()
        .filter(option -> !(kind instanceof TableKind) || input == null)
        .ifPresent(
            option -> {
              throw wrong(
                  kind instanceof TableKind
                      ? option + " names a column of --input, which is not given"
                      : "%s takes no %s, the name of a column; a text stands by itself"
                          .formatted(task, option));
            });
    if (columns.columns().label().isPresent() && !score) {
      throw wrong("--label has no effect without --score");
    }
  }

  private void checkNoAnswer(PredictedKind kind) {
    String given = threshold != null ? "--threshold" : nullOdds != null ? "--null-odds" : null;
    if (given != null && !(kind instanceof AnswerKind answers && answers.takesThreshold())) {
      throw wrong(task + " takes no " + given);
    }
    if (threshold != null && threshold.isNaN()) {
      throw wrong("--threshold is NaN, expected a number");
    }
  }

  /** The texts of the command line; empty where there is a file. */
  private List<String> asked(PredictedKind kind) {
    boolean questions = question != null || context != null;
    if (questions && !(kind instanceof AnswerKind)) {
      throw wrong(task + " takes no --question and --context, expected " + kind.asked());
    }
    if (questions && (question == null || context == null)) {
      throw wrong((question == null ? "--question" : "--context") + " is missing beside the other");
    }
    if (!texts.isEmpty() && kind instanceof AnswerKind) {
      throw wrong(task + " takes no bare text, expected --question and --context");
    }
    List<String> asked = questions ? List.of(question, context) : texts;
    if (asked.isEmpty() == (input == null)) {
      throw wrong(
          asked.isEmpty()
              ? "nothing to predict, expected --input FILE or " + kind.asked()
              : "a text and --input are both given, expected one of them");
    }
    return asked;
  }

  /** Texts of the command line leave no file. */
  private void checkAlone() {
    String given =
        output != null ? "--output" : nullOdds != null ? "--null-odds" : score ? "--score" : null;
    if (given != null) {
      throw wrong(given + " needs --input");
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
