package org.mirror4j.task.relation;

import static org.mirror4j.task.relation.TacredFile.NO_RELATION;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.mirror4j.file.FileException;
import org.mirror4j.task.Figure;
import org.mirror4j.task.Found;
import org.mirror4j.task.Measure;
import org.mirror4j.task.ScoredFiles;
import org.mirror4j.task.Scorer;

/**
 * Micro-averaged precision, recall and F1 over all relations but {@code no_relation}, and those of
 * each relation: {@code scorer.py} of TACRED (Zhang et al. 2017). Where no relation is predicted,
 * precision is 1, as there.
 */
public final class TacredScorer implements Scorer {
  @Override
  public String name() {
    return "tacred";
  }

  @Override
  public String description() {
    return "micro F1 of TACRED, no_relation left out; a relation a line";
  }

  @Override
  public List<Figure> score(ScoredFiles files, Consumer<String> notices) {
    List<String> gold = TacredFile.relations(files.gold(), notices);
    List<String> predicted = TacredFile.lines(files.predictions(), notices);
    if (predicted.size() != gold.size()) {
      throw new FileException(
          "%s: %,d lines, expected one for each of the %,d examples of %s"
              .formatted(files.predictions(), predicted.size(), gold.size(), files.gold()));
    }
    checkRelations(files.predictions(), files.gold(), new TreeSet<>(gold), predicted, notices);
    return figures(gold, predicted);
  }

  /**
   * The figures of relations that are said of sentences.
   *
   * @param gold that of each
   * @param predicted as many
   */
  static List<Figure> figures(List<String> gold, List<String> predicted) {
    SortedSet<String> relations = new TreeSet<>(gold);
    relations.remove(NO_RELATION);
    Map<String, Found> counts = new HashMap<>();
    Found all = new Found(0, 0, 0);
    for (int i = 0; i < gold.size(); i++) {
      String there = gold.get(i);
      String found = predicted.get(i);
      boolean right = there.equals(found);
      all =
          all.plus(count(counts, there, new Found(0, 0, 1)))
              .plus(count(counts, found, new Found(right ? 1 : 0, 1, 0)));
    }
    List<Figure> figures = new ArrayList<>(figures("", all));
    for (String relation : relations) {
      figures.addAll(figures(relation, counts.get(relation)));
    }
    return figures;
  }

  /** Adds a count to those of a relation, and returns it; of no relation nothing is counted. */
  private static Found count(Map<String, Found> counts, String relation, Found one) {
    if (relation.equals(NO_RELATION)) {
      return new Found(0, 0, 0);
    }
    counts.merge(relation, one, Found::plus);
    return one;
  }

  private static List<Figure> figures(String part, Found counts) {
    return counts.figures(part).stream()
        .map(
            figure ->
                figure.measure() == Measure.PRECISION && counts.found() == 0
                    ? new Figure(Measure.PRECISION, part, 100)
                    : figure)
        .toList();
  }

  /**
   * Tells which relations are predicted that the annotations do not have: they count as wrong.
   *
   * @throws FileException if all are such: the file belongs to other examples
   */
  private static void checkRelations(
      Path file,
      Path gold,
      SortedSet<String> relations,
      List<String> predicted,
      Consumer<String> notices) {
    SortedSet<String> unknown = new TreeSet<>(predicted);
    int different = unknown.size();
    unknown.removeAll(relations);
    unknown.remove(NO_RELATION);
    if (unknown.isEmpty()) {
      return;
    }
    String some = FileException.some(", ", unknown.stream().map(FileException::quote).toList());
    if (unknown.size() == different) {
      throw new FileException(
          "%s: %s, expected relations of %s, which has %s"
              .formatted(
                  file,
                  some,
                  gold,
                  FileException.some(", ", relations.stream().map(FileException::clean).toList())));
    }
    notices.accept("%s: not in %s and so wrong: %s".formatted(file, gold, some));
  }
}
