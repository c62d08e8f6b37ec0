package org.mirror4j.task.coreference;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import org.mirror4j.objective.coreference.DocumentSpans;
import org.mirror4j.task.Evaluation;
import org.mirror4j.task.Examples;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.HeadRows;
import org.mirror4j.text.PackedBatch;

/**
 * Chains of mentions to be learned.
 *
 * @param learned what is trained on
 * @param scored while it trains
 */
record LearnedCoreference(
    CoreferenceSettings settings,
    Genres genres,
    CoreferenceExamples learned,
    Optional<CoreferenceExamples> scored)
    implements FineTunedTask<DocumentSpans>, CoreferenceHead {
  @Override
  public Examples<DocumentSpans> training() {
    return learned;
  }

  @Override
  public Optional<Evaluation<DocumentSpans>> development() {
    return scored.map(Scored::new);
  }

  /** The mean F1 of CoNLL-2012, and each of the three. */
  private record Scored(CoreferenceExamples examples) implements Evaluation<DocumentSpans> {
    @Override
    public Collector begin() {
      return new Collector() {
        private CoreferenceCounts counts = CoreferenceCounts.NONE;

        @Override
        public void add(int[] documents, PackedBatch packed, float[] logits) {
          for (int document : documents) {
            counts =
                counts.plus(
                    CoreferenceCounts.of(
                        examples.documents().get(document).chains(),
                        examples.chains(document, logits)));
          }
        }

        @Override
        public SequencedMap<String, Double> scores() {
          SequencedMap<String, Double> scores = new LinkedHashMap<>();
          scores.put("mean F1", 0.0);
          for (MetricFigures figures : counts.figures()) {
            switch (figures.metric()) {
              case "conll" -> scores.put("mean F1", figures.f1());
              case "muc", "bcub", "ceafe", "mentions" ->
                  scores.put("F1 of " + figures.metric(), figures.f1());
              default -> {
                // What the mean is not of is left to the scorer.
              }
            }
          }
          return scores;
        }
      };
    }
  }

  @Override
  public OptionalDouble headLearningRate() {
    return OptionalDouble.of(settings.learningRate());
  }

  /** A document is computed at once, however long: pairs of its spans take most. */
  @Override
  public String memoryOptions() {
    return "--segments, --antecedents, --head-size or --max-spans";
  }

  @Override
  public void configure(ObjectNode config) {
    settings.configure(config, genres);
  }

  @Override
  public HeadRows rows(ObjectNode config) {
    return CoreferenceSettings.rows(config);
  }
}
