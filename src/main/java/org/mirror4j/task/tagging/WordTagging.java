package org.mirror4j.task.tagging;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import org.mirror4j.task.Evaluation;
import org.mirror4j.task.Examples;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.LabelNames;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.Tokenizer;

/** A tag for each word of a sentence: named entities, noun phrases. */
public final class WordTagging implements FineTunedTask<int[]>, TagHead {
  private final LabelNames labels;
  private final TaggingExamples training;
  private final Optional<Evaluation<int[]>> development;

  /**
   * A task.
   *
   * @param labels the tags
   * @param training tagged with these
   * @param development scored while it trains; empty where there is none
   * @param scores of the tags that are said of the sentences of {@code development}
   */
  public WordTagging(
      LabelNames labels,
      List<TaggedSentence> training,
      Optional<List<TaggedSentence>> development,
      Tokenizer tokenizer,
      int maxLength,
      Function<List<List<String>>, SequencedMap<String, Double>> scores) {
    this.labels = labels;
    this.training = new TaggingExamples(training, labels, tokenizer, maxLength);
    this.development =
        development.map(
            sentences ->
                new Tagged(
                    sentences,
                    new TaggingExamples(sentences, labels, tokenizer, maxLength),
                    labels,
                    scores));
  }

  /** The tag with the highest logit of each word. */
  private record Tagged(
      List<TaggedSentence> sentences,
      TaggingExamples examples,
      LabelNames labels,
      Function<List<List<String>>, SequencedMap<String, Double>> scores)
      implements Evaluation<int[]> {
    @Override
    public Collector begin() {
      TagPredictions said = new TagPredictions(sentences, examples, labels);
      return new Collector() {
        @Override
        public void add(int[] batch, PackedBatch packed, float[] logits) {
          said.add(batch, packed, logits);
        }

        @Override
        public SequencedMap<String, Double> scores() {
          return scores.apply(said.tags());
        }
      };
    }
  }

  @Override
  public Examples<int[]> training() {
    return training;
  }

  @Override
  public Optional<Evaluation<int[]>> development() {
    return development;
  }

  @Override
  public LabelNames labels() {
    return labels;
  }

  @Override
  public void configure(ObjectNode config) {
    labels.configure(config);
  }
}
