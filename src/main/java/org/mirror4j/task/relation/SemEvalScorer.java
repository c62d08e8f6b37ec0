package org.mirror4j.task.relation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.mirror4j.file.FileException;
import org.mirror4j.task.Figure;
import org.mirror4j.task.Found;
import org.mirror4j.task.Measure;
import org.mirror4j.task.ScoredFiles;
import org.mirror4j.task.Scorer;
import org.mirror4j.task.relation.SemEvalEvaluation.Way;

/**
 * SemEval-2010 task 8 as its scorer of version 1.2 has it (Hendrickx et al. 2010). For all stands
 * the official score, the unweighted mean of nine relations whose directions count; beside it their
 * micro average, each relation, and the same with directions passed over and as 18 classes.
 * Sentences without an answer lower the recall alone.
 */
public final class SemEvalScorer implements Scorer {
  private static final Measure COVERAGE = Measure.percentage("coverage", "coverage");
  private static final String MICRO = "micro", MACRO = "macro";

  @Override
  public String name() {
    return "semeval-2010-8";
  }

  @Override
  public String description() {
    return "macro F1 of SemEval-2010 task 8, directions counted; ID TAB RELATION";
  }

  @Override
  public List<Figure> score(ScoredFiles files, Consumer<String> notices) {
    Map<String, String> key = SemEvalFile.labels(files.gold(), notices);
    Map<String, String> answers = SemEvalFile.answers(files.predictions(), notices);
    checkIds(files.predictions(), files.gold(), key, answers, notices);
    return figures(key, answers);
  }

  /**
   * The figures of answers.
   *
   * @param key labels by id
   * @param answers the same; may lack some
   */
  static List<Figure> figures(Map<String, String> key, Map<String, String> answers) {
    SemEvalEvaluation official = SemEvalEvaluation.of(key, answers, Way.DIRECTED);
    List<Figure> figures = new ArrayList<>();
    figures.add(new Figure(Measure.ITEMS, key.size()));
    figures.addAll(macro(official, ""));
    figures.add(new Figure(COVERAGE, 100.0 * answers.size() / key.size()));
    figures.addAll(official.micro().figures(MICRO));
    official.relations().forEach((name, found) -> figures.addAll(found.figures(name)));
    addOther(figures, "undirected-", SemEvalEvaluation.of(key, answers, Way.UNDIRECTED));
    addOther(figures, "19-way-", SemEvalEvaluation.of(key, answers, Way.NINETEEN));
    long skipped =
        key.entrySet().stream()
            .filter(entry -> entry.getValue().equals(SemEvalFile.OTHER))
            .filter(entry -> !answers.containsKey(entry.getKey()))
            .count();
    double right = 100.0 * official.right();
    figures.add(new Figure(Measure.ACCURACY, "answered", right / answers.size()));
    figures.add(new Figure(Measure.ACCURACY, "skipped-wrong", right / key.size()));
    figures.add(
        new Figure(Measure.ACCURACY, "skipped-other", (right + 100.0 * skipped) / key.size()));
    return figures;
  }

  private static void checkIds(
      Path file,
      Path gold,
      Map<String, String> key,
      Map<String, String> answers,
      Consumer<String> notices) {
    for (String id : answers.keySet()) {
      if (!key.containsKey(id)) {
        throw new FileException(
            "%s: id %s is that of no sentence of %s"
                .formatted(file, FileException.quote(id), gold));
      }
    }
    if (answers.size() < key.size()) {
      notices.accept(
          "%s: %,d of %,d sentences have no answer"
              .formatted(file, key.size() - answers.size(), key.size()));
    }
  }

  private static void addOther(List<Figure> figures, String prefix, SemEvalEvaluation evaluation) {
    figures.addAll(macro(evaluation, prefix + MACRO));
    figures.addAll(evaluation.micro().figures(prefix + MICRO));
  }

  private static List<Figure> macro(SemEvalEvaluation evaluation, String part) {
    return List.of(
        new Figure(Measure.PRECISION, part, 100 * evaluation.macro(Found::precision)),
        new Figure(Measure.RECALL, part, 100 * evaluation.macro(Found::recall)),
        new Figure(Measure.F1, part, 100 * evaluation.macro(Found::f1)));
  }
}
