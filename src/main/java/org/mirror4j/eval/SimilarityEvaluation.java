package org.mirror4j.eval;

import static org.mirror4j.file.FileException.clean;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.mirror4j.encode.Cosine;

/**
 * Agreement of an encoder with human judgements of similarity: Spearman's rho between the cosines
 * of the pairs' vectors and the scores (Liu et al. 2021, section 4). Texts go to the encoder as
 * they stand in the data; lower-casing is the tokenizer's matter.
 */
public final class SimilarityEvaluation {
  /**
   * @param spearman rho x 100; NaN where the encoder, or the judges, found all pairs equally alike
   * @param pairs pairs compared
   * @param distinctTexts texts embedded
   * @param undefined why there is no rho; empty where there is one
   */
  public record Result(double spearman, int pairs, int distinctTexts, String undefined) {}

  private SimilarityEvaluation() {}

  /**
   * Embeds each distinct text once and compares all pairs in one ranking.
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
    int distinctTexts;
    try (EmbeddedTexts embedded = EmbeddedTexts.embed(encoder, scored.texts())) {
      cosines =
          pairs.stream()
              .mapToDouble(
                  p -> Cosine.similarity(embedded.vector(p.left()), embedded.vector(p.right())))
              .toArray();
      distinctTexts = embedded.size();
    }
    double[] scores = pairs.stream().mapToDouble(ScoredPair::score).toArray();
    return new Result(
        100 * Spearman.rho(cosines, scores),
        pairs.size(),
        distinctTexts,
        undefined(pairs, cosines, scores));
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
