package org.mirror4j.task.tagging;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.task.LabelNames;
import org.mirror4j.task.Predictions;
import org.mirror4j.text.PackedBatch;

/** The tag with the highest logit of each word. */
final class TagPredictions implements Predictions {
  private final List<TaggedSentence> sentences;
  private final TaggingExamples examples;
  private final LabelNames labels;

  /** Logits of the tags of each word of each sentence. */
  private final List<float[][]> said;

  TagPredictions(List<TaggedSentence> sentences, TaggingExamples examples, LabelNames labels) {
    this.sentences = sentences;
    this.examples = examples;
    this.labels = labels;
    said = sentences.stream().map(sentence -> new float[sentence.words().size()][]).toList();
  }

  @Override
  public void add(int[] batch, PackedBatch packed, float[] logits) {
    for (int i = 0; i < batch.length; i++) {
      TaggingExamples.Part part = examples.part(batch[i]);
      for (int word = part.from(); word < part.to(); word++) {
        int row = packed.cuSeqlens()[i] + part.firsts()[word - part.from()];
        said.get(part.sentence())[word] = labels.row(logits, row);
      }
    }
  }

  /** The tags of each sentence. */
  List<List<String>> tags() {
    return said.stream()
        .map(words -> Arrays.stream(words).map(logits -> labels.highest(logits, 0)).toList())
        .toList();
  }

  /** A word and its tag a line, an empty line behind each sentence. */
  @Override
  public byte[] file() {
    StringBuilder file = new StringBuilder();
    List<List<String>> tags = tags();
    for (int sentence = 0; sentence < tags.size(); sentence++) {
      List<String> words = sentences.get(sentence).words();
      for (int word = 0; word < words.size(); word++) {
        file.append(words.get(word)).append(' ').append(tags.get(sentence).get(word)).append('\n');
      }
      file.append('\n');
    }
    return file.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public List<ObjectNode> rows() {
    List<ObjectNode> rows = new ArrayList<>();
    for (int word = 0; word < said.getFirst().length; word++) {
      float[] logits = said.getFirst()[word];
      rows.add(
          JsonFiles.object()
              .put("word", sentences.getFirst().words().get(word))
              .put("tag", labels.highest(logits, 0))
              .put("probability", Arrays.stream(labels.probabilities(logits)).max().orElseThrow()));
    }
    return rows;
  }
}
