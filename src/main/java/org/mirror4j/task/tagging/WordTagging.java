package org.mirror4j.task.tagging;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.objective.TaskObjective;
import org.mirror4j.objective.TokenClassification;
import org.mirror4j.task.Evaluation;
import org.mirror4j.task.Examples;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.LabelNames;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.Tokenizer;

/** A tag for each word of a sentence: named entities, noun phrases. */
public final class WordTagging implements FineTunedTask<int[]> {
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
      List<String[]> said = new ArrayList<>();
      sentences.forEach(sentence -> said.add(new String[sentence.tags().size()]));
      return new Collector() {
        @Override
        public void add(int[] batch, PackedBatch packed, float[] logits) {
          for (int i = 0; i < batch.length; i++) {
            TaggingExamples.Part part = examples.part(batch[i]);
            for (int word = part.from(); word < part.to(); word++) {
              int row = packed.cuSeqlens()[i] + part.firsts()[word - part.from()];
              said.get(part.sentence())[word] = labels.highest(logits, row);
            }
          }
        }

        @Override
        public SequencedMap<String, Double> scores() {
          return scores.apply(said.stream().map(List::of).toList());
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
  public ParameterTable.Block[] head(BertConfig config) {
    return TokenClassification.head(config, labels.size());
  }

  @Override
  public TaskObjective<int[]> objective(
      Device device, Workspace workspace, BertModel model, Tensor gradients, BatchSize size) {
    return new TokenClassification(
        device, workspace, model, labels.size(), gradients, size.tokens());
  }

  @Override
  public String className() {
    return "ForTokenClassification";
  }

  @Override
  public void configure(ObjectNode config) {
    labels.configure(config);
  }
}
