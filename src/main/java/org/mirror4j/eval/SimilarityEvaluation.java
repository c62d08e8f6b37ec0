package org.mirror4j.eval;

import static org.mirror4j.file.FileException.clean;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import org.mirror4j.statistics.Cosine;
import org.mirror4j.statistics.Spearman;

/**
 * Agreement of an encoder with human judgements of similarity: Spearman's rho between the cosines
 * of the pairs' vectors and the scores (Liu et al. 2021, section 4). Texts go to the encoder as
 * they stand in the data; lower-casing is the tokenizer's matter.
 */
public final class SimilarityEvaluation {
  /**
   * @param spearman rho x 100; NaN where the encoder, or the judges, found all pairs equally alike,
   *     those of one sub-set where there are such
   * @param pairs pairs compared
   * @param undefined why there is no rho; empty where there is one
   */
  public record Result(double spearman, int pairs, String undefined) {}

  private SimilarityEvaluation() {}

  /**
   * Embeds each distinct text once and compares all pairs in one ranking; or those of each sub-set
   * in its own, and takes the mean of these weighted by their pairs, as SentEval's {@code wmean}.
   *
   * @throws IllegalArgumentException if there are fewer than 2 pairs
   * @throws IllegalStateException if the encoder's vectors cannot be used
   */
  public static Result evaluate(MeasuredEncoder encoder, ScoredPairs scored) {
    List<ScoredPair> pairs = scored.pairs();
    if (pairs.size() < 2) {
      throw new IllegalArgumentException(
          "%d scored pairs, a ranking needs at least 2".formatted(pairs.size()));
    }
    double[] cosines;
    try (EmbeddedTexts embedded = EmbeddedTexts.embed(encoder, scored.texts())) {
      cosines = cosines(embedded, pairs);
    }
    double[] scores = pairs.stream().mapToDouble(ScoredPair::score).toArray();
    if (!scored.subsets().isEmpty()) {
      return bySubset(scored.subsets(), cosines, scores);
    }
    return new Result(
        100 * Spearman.rho(cosines, scores), pairs.size(), undefined(pairs, cosines, scores));
  }

  /** The cosine of each pair. */
  static double[] cosines(EmbeddedTexts embedded, List<ScoredPair> pairs) {
    return pairs.stream()
        .mapToDouble(
            pair -> Cosine.similarity(embedded.vector(pair.left()), embedded.vector(pair.right())))
        .toArray();
  }

  private static Result bySubset(List<String> subsets, double[] cosines, double[] scores) {
    SequencedMap<String, List<Integer>> members = new LinkedHashMap<>();
    for (int i = 0; i < subsets.size(); i++) {
      members.computeIfAbsent(subsets.get(i), name -> new ArrayList<>()).add(i);
    }
    double sum = 0;
    List<String> undefined = new ArrayList<>();
    for (Map.Entry<String, List<Integer>> subset : members.entrySet()) {
      double rho = rho(subset.getValue(), cosines, scores);
      if (Double.isNaN(rho)) {
        undefined.add(clean(subset.getKey()));
      }
      sum += rho * subset.getValue().size();
    }
    return new Result(
        100 * sum / subsets.size(),
        subsets.size(),
        undefined.isEmpty() ? "" : "not defined for the sub-sets " + String.join(", ", undefined));
  }

  /** NaN for one pair, of which there is no ranking. */
  private static double rho(List<Integer> members, double[] cosines, double[] scores) {
    return members.size() < 2
        ? Double.NaN
        : Spearman.rho(
            members.stream().mapToDouble(i -> cosines[i]).toArray(),
            members.stream().mapToDouble(i -> scores[i]).toArray());
  }

  private static String undefined(List<ScoredPair> pairs, double[] cosines, double[] scores) {
    if (areEqual(cosines)) {
      ScoredPair first = pairs.getFirst();
      return String.format(
          Locale.ROOT,
          "all %,d pairs have the cosine %.4f, as \"%s\" and \"%s\"",
          cosines.length,
          cosines[0],
          clean(first.left()),
          clean(first.right()));
    }
    return areEqual(scores)
        ? String.format(Locale.ROOT, "all %,d pairs have the score %s", scores.length, scores[0])
        : "";
  }

  private static boolean areEqual(double[] values) {
    return Arrays.stream(values).allMatch(value -> value == values[0]);
  }
}
