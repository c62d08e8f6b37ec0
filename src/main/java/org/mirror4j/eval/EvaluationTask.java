package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.List;

/** Something an encoder is measured on: a name and a file. */
public sealed interface EvaluationTask {
  /** Name in reports. */
  String name();

  /** What is read. */
  Path file();

  /**
   * Reads the file and measures the encoder.
   *
   * @throws java.io.UncheckedIOException if the file cannot be read
   * @throws IllegalArgumentException if it is malformed; the message names file and line
   * @throws IllegalStateException if the encoder's vectors cannot be used
   */
  List<Measurement> evaluate(Encoder encoder);

  /**
   * Rank correlation with human scores, see {@link SimilarityEvaluation}.
   *
   * @param format null to judge it by the first lines
   */
  record SimilarityTask(String name, Path file, PairFormat format) implements EvaluationTask {
    /** The pairs of the file. */
    public ScoredPairs pairs() {
      return format == null ? ScoredPairs.read(file) : ScoredPairs.read(file, format);
    }

    @Override
    public List<Measurement> evaluate(Encoder encoder) {
      ScoredPairs scored = pairs();
      if (scored.pairs().size() < 2) {
        throw new IllegalArgumentException(file + ": 1 scored pair, expected at least 2");
      }
      SimilarityEvaluation.Result result = SimilarityEvaluation.evaluate(encoder, scored);
      return List.of(
          new Measurement(
              name,
              Measurement.Measure.SPEARMAN,
              result.spearman(),
              result.pairs(),
              result.skippedLines()));
    }
  }

  /**
   * Isotropy of the vectors of a list of texts, one a line; blank lines are passed over. A line
   * that occurs often counts as often.
   */
  record IsotropyTask(String name, Path file) implements EvaluationTask {
    @Override
    public List<Measurement> evaluate(Encoder encoder) {
      List<String> texts =
          TextLines.read(file).stream().map(String::strip).filter(t -> !t.isEmpty()).toList();
      if (texts.isEmpty()) {
        throw new IllegalArgumentException(file + ": no texts");
      }
      EmbeddedTexts embedded = EmbeddedTexts.embed(encoder, texts);
      Isotropy isotropy = Isotropy.of(texts.stream().map(embedded::vector).toArray(float[][]::new));
      return List.of(
          new Measurement(name, Measurement.Measure.ISOTROPY, isotropy.score(), isotropy.rows(), 0),
          new Measurement(
              name,
              Measurement.Measure.MEAN_VECTOR_NORM,
              isotropy.meanVectorNorm(),
              isotropy.rows(),
              0));
    }
  }
}
