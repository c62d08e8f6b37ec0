package org.mirror4j.task.relation;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;
import org.mirror4j.task.Found;

/**
 * Proposed answers against the key of SemEval-2010 task 8, as its scorer of version 1.2 counts.
 *
 * @param relations counts of each relation of the key, in alphabetical order and {@link
 *     SemEvalFile#OTHER} last
 * @param right answers that are
 */
record SemEvalEvaluation(SequencedMap<String, Found> relations, long right) {
  private static final Comparator<String> OTHER_LAST =
      Comparator.<String, Boolean>comparing(SemEvalFile.OTHER::equals)
          .thenComparing(Comparator.naturalOrder());

  /** What is taken for a class, and when an answer is right. */
  enum Way {
    /**
     * The official one: nine classes and Other. An answer of the right relation in the wrong
     * direction is wrong, and counts among those found of its class.
     */
    DIRECTED,
    /** Nine classes and Other, directions passed over. */
    UNDIRECTED,
    /** Eighteen classes and Other. */
    NINETEEN;

    private String classOf(String label) {
      int direction = label.indexOf('(');
      return this == NINETEEN || direction < 0 ? label : label.substring(0, direction);
    }

    private boolean isRight(String label, String answer) {
      return this == UNDIRECTED ? classOf(label).equals(classOf(answer)) : label.equals(answer);
    }
  }

  /**
   * Counts.
   *
   * @param answers labels by id, each one of the key; may lack some
   */
  static SemEvalEvaluation of(Map<String, String> key, Map<String, String> answers, Way way) {
    SequencedMap<String, Found> relations = new LinkedHashMap<>();
    key.values().stream()
        .map(way::classOf)
        .distinct()
        .sorted(OTHER_LAST)
        .forEach(name -> relations.put(name, new Found(0, 0, 0)));
    long right = 0;
    for (Map.Entry<String, String> entry : key.entrySet()) {
      relations.merge(way.classOf(entry.getValue()), new Found(0, 0, 1), Found::plus);
      String answer = answers.get(entry.getKey());
      if (answer == null) {
        continue;
      }
      int one = way.isRight(entry.getValue(), answer) ? 1 : 0;
      right += one;
      // Of a class that the key does not have nothing can be found.
      relations.computeIfPresent(
          way.classOf(answer), (name, found) -> found.plus(new Found(one, 1, 0)));
    }
    return new SemEvalEvaluation(relations, right);
  }

  /** The counts of all relations but Other together. */
  Found micro() {
    return relations.entrySet().stream()
        .filter(relation -> !relation.getKey().equals(SemEvalFile.OTHER))
        .map(Map.Entry::getValue)
        .reduce(new Found(0, 0, 0), Found::plus);
  }

  /** The mean over all relations but Other; NaN where the key has no other. */
  double macro(ToDoubleFunction<Found> value) {
    return relations.entrySet().stream()
        .filter(relation -> !relation.getKey().equals(SemEvalFile.OTHER))
        .mapToDouble(relation -> value.applyAsDouble(relation.getValue()))
        .average()
        .orElse(Double.NaN);
  }
}
