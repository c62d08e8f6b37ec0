package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.task.Figure;
import org.mirror4j.task.ScoredFiles;
import org.mirror4j.task.Scorer;
import org.mirror4j.task.answer.AnswerScorer;
import org.mirror4j.task.answer.Squad2Scorer;
import org.mirror4j.task.classification.GlueScorer;
import org.mirror4j.task.classification.TableScorer;
import org.mirror4j.task.coreference.CoreferenceScorer;
import org.mirror4j.task.relation.SemEvalScorer;
import org.mirror4j.task.relation.TacredScorer;
import org.mirror4j.task.tagging.TaggingScorer;
import org.mirror4j.text.Spelling;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code score}: predictions of any system against annotations. */
@Command(
    name = "score",
    sortOptions = false,
    customSynopsis =
        "mirror4j score TASK --gold FILE --predictions FILE [--metric NAME] [OPTION...]",
    description = {
      "Scores predictions, made here or elsewhere, as the official scorer of the task does. Files"
          + " have its forms, perhaps gzipped.",
      "Figures are x 100, those of all first, then those of parts: types, relations, questions with"
          + " and without an answer."
    })
final class ScoreCommand implements Runnable {
  /** What can be scored, in the order of the help. */
  static final List<Scorer> SCORERS =
      Stream.of(
              List.of(AnswerScorer.squad(), new Squad2Scorer(), AnswerScorer.mrqa()),
              GlueScorer.all(),
              List.of(
                  new TacredScorer(),
                  new SemEvalScorer(),
                  new TaggingScorer(),
                  new CoreferenceScorer()),
              TableScorer.all())
          .<Scorer>flatMap(List::stream)
          .toList();

  @Spec private CommandSpec command;

  @Parameters(paramLabel = "TASK", description = "What is scored; listed below.")
  private String task;

  @Option(
      names = "--gold",
      paramLabel = "FILE",
      required = true,
      description = "Annotations, as the task publishes them.")
  private Path gold;

  @Option(
      names = "--predictions",
      paramLabel = "FILE",
      required = true,
      description = "Predictions, as the official scorer takes them.")
  private Path predictions;

  @Option(
      names = "--metric",
      paramLabel = "NAME",
      description =
          "Print the value of one figure alone, with all its digits: f1, or f1:PART for that of a"
              + " part, as --json names them.")
  private String metric;

  @Option(
      names = "--no-answer",
      paramLabel = "FILE",
      description =
          "squad-2.0: how sure the system is that there is no answer, {\"ID\": NUMBER}. Adds the"
              + " best threshold for exact match and for F1.")
  private Path noAnswer;

  @Option(
      names = "--no-answer-threshold",
      paramLabel = "NUMBER",
      description =
          "squad-2.0: answers whose number in --no-answer is larger count as none. Default: 1, as"
              + " in the official scorer.")
  private Double threshold;

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      description =
          "classification, regression: name of the column of --gold that holds what is right.")
  private String label;

  @Mixin private OutputOptions output;

  /** The tasks, for the help. */
  static List<String> table() {
    List<String> lines = new ArrayList<>(List.of("", "Tasks, and the form of their predictions:"));
    SCORERS.forEach(s -> lines.add("  %-14s  %s".formatted(s.name(), s.description())));
    return lines;
  }

  @Override
  public void run() {
    Scorer scorer = scorer();
    if (threshold != null && noAnswer == null) {
      throw new ParameterException(
          command.commandLine(), "--no-answer-threshold needs --no-answer");
    }
    if (threshold != null && threshold.isNaN()) {
      throw new ParameterException(
          command.commandLine(), "--no-answer-threshold is NaN, expected a number");
    }
    if (noAnswer != null && !scorer.takesNoAnswer()) {
      throw new ParameterException(command.commandLine(), scorer.name() + " takes no --no-answer");
    }
    Console console = output.console();
    List<Figure> figures =
        scorer.score(
            new ScoredFiles(
                gold,
                predictions,
                Optional.ofNullable(noAnswer)
                    .map(
                        file -> new ScoredFiles.NoAnswer(file, threshold == null ? 1 : threshold))),
            console::notice);
    if (metric == null) {
      console.result("score", json(figures), ScoreTable.of(scorer.name(), figures));
      return;
    }
    Figure figure = figure(figures);
    console.result("score", json(List.of(figure)), figure.measure().exact(figure.value()));
  }

  private Scorer scorer() {
    Scorer found = named();
    if (!(found instanceof TableScorer table)) {
      if (label != null) {
        throw new ParameterException(command.commandLine(), task + " takes no --label");
      }
      return found;
    }
    if (label == null) {
      throw new ParameterException(
          command.commandLine(), task + " needs --label, the name of a column");
    }
    return table.with(label);
  }

  private Scorer named() {
    List<String> names = SCORERS.stream().map(Scorer::name).toList();
    return SCORERS.stream()
        .filter(scorer -> scorer.name().equals(task))
        .findFirst()
        .orElseThrow(
            () ->
                new ParameterException(
                    command.commandLine(),
                    "unknown task %s, expected %s%s"
                        .formatted(task, String.join(", ", names), Spelling.hint(task, names))));
  }

  private Figure figure(List<Figure> figures) {
    List<String> names = figures.stream().map(Figure::name).toList();
    return figures.stream()
        .filter(figure -> figure.name().equals(metric))
        .findFirst()
        .orElseThrow(
            () ->
                new ParameterException(
                    command.commandLine(),
                    "--metric is %s, expected %s%s"
                        .formatted(
                            metric,
                            FileException.some(", ", names),
                            Spelling.hint(metric, names))));
  }

  private ObjectNode json(List<Figure> figures) {
    ObjectNode json =
        JsonFiles.object()
            .put("task", task)
            .put("gold", gold.toString())
            .put("predictions", predictions.toString());
    json.set("figures", ScoreTable.json(figures));
    return json;
  }
}
