package org.mirror4j.task.answer;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;

/**
 * Above which number a system had better not answer, and the mean score it then has.
 *
 * <pre>
 *   mean(t) = 1/n sum_i (number_i &lt;= t ? score_i : 1 if question i has no answer, else 0)
 * </pre>
 *
 * @param threshold the least of the best; 0 where no answer at all is best, as the official script
 *     has it, though questions may have lower numbers
 * @param mean x 100
 * @param silent whether no answer at all is best
 */
record NoAnswerThreshold(double threshold, double mean, boolean silent) {
  /**
   * The best threshold among the numbers, as {@code evaluate-v2.0.py} looks for it: from no answer
   * at all, questions are answered in the order of their numbers, those of equal numbers in the
   * order given, and the best mean on the way is kept, the first of equal ones. So among equal
   * numbers one may be kept that answers only some of them.
   *
   * @param numbers how sure the system is that there is no answer, by question; those of no
   *     question are passed over
   * @param scores of all questions
   * @param value which of the scores
   */
  static NoAnswerThreshold best(
      SequencedMap<String, Double> numbers,
      Map<String, QuestionScore> scores,
      ToDoubleFunction<QuestionScore> value) {
    double sum = scores.values().stream().filter(score -> !score.hasAnswer()).count();
    double best = sum;
    double threshold = 0;
    boolean silent = true;
    List<Map.Entry<String, Double>> ordered =
        numbers.entrySet().stream()
            .filter(entry -> scores.containsKey(entry.getKey()))
            // A sum with 0 is never -0, which would come before it.
            .sorted(Comparator.comparingDouble(entry -> entry.getValue() + 0.0))
            .toList();
    for (Map.Entry<String, Double> entry : ordered) {
      QuestionScore score = scores.get(entry.getKey());
      if (score.hasAnswer()) {
        sum += value.applyAsDouble(score);
      } else if (score.answered()) {
        sum -= 1;
      }
      if (sum > best) {
        best = sum;
        threshold = entry.getValue();
        silent = false;
      }
    }
    return new NoAnswerThreshold(threshold, 100.0 * best / scores.size(), silent);
  }
}
