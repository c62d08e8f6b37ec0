package org.mirror4j.task.tagging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.file.FileException;
import org.mirror4j.support.ByteLevelFiles;
import org.mirror4j.task.Evaluation;
import org.mirror4j.task.Examples;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.LabelNames;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.Tokenizer;

/** Words of letters a and b: a piece a letter. */
class TaggingExamplesTest {
  private static final LabelNames LABELS = new LabelNames(List.of("B-X", "I-X", "O"));

  @AutoClose
  private final Tokenizer tokenizer =
      Tokenizer.wordPiece(
          List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##a", "b", "##b"), false);

  @TempDir Path folder;

  private static TaggedSentence sentence(String words, String tags) {
    return new TaggedSentence(1, List.of(words.split(" ")), List.of(tags.split(" ")));
  }

  private static List<String> spelled(Examples<?> examples, Tokenizer tokenizer) {
    return IntStream.range(0, examples.size())
        .mapToObj(
            i ->
                String.join(
                    " ", Arrays.stream(examples.text(i).ids()).mapToObj(tokenizer::token).toList()))
        .toList();
  }

  private static PackedBatch packed(Examples<?> examples, int... some) {
    return PackedBatch.of(
        Arrays.stream(some).mapToObj(i -> examples.text(i).ids()).toArray(int[][]::new),
        PackedBatch.Positions.BERT);
  }

  @Test
  void firstPiecesArePredicted() {
    List<TaggedSentence> sentences =
        List.of(sentence("ab a \u0001 bba", "B-X I-X O B-X"), sentence("c b", "O I-X"));
    TaggingExamples examples = new TaggingExamples(sentences, LABELS, tokenizer, 32);
    assertThat(spelled(examples, tokenizer))
        .containsExactly("[CLS] a ##b a [UNK] b ##b ##a [SEP]", "[CLS] [UNK] b [SEP]");
    assertThat(examples.targets(new int[] {1, 0}, packed(examples, 1, 0)))
        .containsExactly(-1, 2, 1, -1, /**/ -1, 0, -1, 1, 2, 0, -1, -1, -1);
    assertThat(examples.predictions(0)).isEqualTo(4);
    assertThat(examples.predictions(1)).isEqualTo(2);
  }

  @Test
  void longSentencesAreCutAfterAWord() {
    List<TaggedSentence> sentences =
        List.of(
            sentence("ab a b aaaaaa b", "B-X I-X O B-X I-X"),
            sentence("a", "O"),
            sentence("aa ab", "O B-X"));
    TaggingExamples examples = new TaggingExamples(sentences, LABELS, tokenizer, 6);
    assertThat(spelled(examples, tokenizer))
        .containsExactly(
            "[CLS] a ##b a b [SEP]",
            // The word loses its last pieces.
            "[CLS] a ##a ##a ##a [SEP]",
            "[CLS] b [SEP]",
            "[CLS] a [SEP]",
            "[CLS] a ##a a ##b [SEP]");
    int[] all = {0, 1, 2, 3, 4};
    assertThat(examples.targets(all, packed(examples, all)))
        .containsExactly(
            -1, 0, -1, 1, 2, -1, /**/ -1, 0, -1, -1, -1, -1, /**/ -1, 1, -1, /**/ -1, 2, -1,
            /**/ -1, 2, -1, 0, -1, -1);
    assertThat(IntStream.of(all).map(examples::predictions)).containsExactly(3, 1, 1, 1, 2);
  }

  /** Where tokenizers tell the start of a word from its continuation, each word is a start. */
  @Test
  void wordsOfByteLevel() throws IOException {
    try (Tokenizer bytes = Tokenizer.open(ByteLevelFiles.write(folder))) {
      TaggingExamples examples =
          new TaggingExamples(List.of(sentence("low lower low", "O B-X I-X")), LABELS, bytes, 32);
      assertThat(spelled(examples, bytes)).containsExactly("<s> Ġlow Ġlow er Ġlow </s>");
      assertThat(examples.targets(new int[] {0}, packed(examples, 0)))
          .containsExactly(-1, 2, 0, -1, 1, -1);
    }
  }

  /** Whatever the length that they are cut at, and the order in which batches come. */
  @Test
  void whatIsSaidIsJoinedAgain() {
    Random random = new Random(3);
    List<TaggedSentence> sentences = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      List<String> words = new ArrayList<>();
      List<String> tags = new ArrayList<>();
      for (int word = 0; word <= random.nextInt(12); word++) {
        words.add("ab".repeat(1 + random.nextInt(3)));
        tags.add(LABELS.names().get(random.nextInt(3)));
      }
      sentences.add(new TaggedSentence(1, words, tags));
    }
    for (int maxLength : new int[] {4, 5, 9, 200}) {
      List<List<String>> said = new ArrayList<>();
      WordTagging task =
          new WordTagging(
              LABELS,
              sentences,
              Optional.of(sentences),
              tokenizer,
              maxLength,
              tags -> {
                said.addAll(tags);
                return new LinkedHashMap<>();
              });
      Evaluation<int[]> evaluation = task.development().orElseThrow();
      Evaluation.Collector collector = evaluation.begin();
      for (int example = evaluation.examples().size() - 1; example >= 0; example -= 2) {
        int[] batch = example == 0 ? new int[] {0} : new int[] {example, example - 1};
        PackedBatch packed = packed(evaluation.examples(), batch);
        collector.add(batch, packed, logits(evaluation.examples().targets(batch, packed), random));
      }
      collector.scores();
      assertThat(said).isEqualTo(sentences.stream().map(TaggedSentence::tags).toList());
    }
  }

  /** The highest is the target; rows without one say anything. */
  private static float[] logits(int[] targets, Random random) {
    float[] logits = new float[3 * targets.length];
    for (int row = 0; row < targets.length; row++) {
      for (int label = 0; label < 3; label++) {
        logits[3 * row + label] = random.nextFloat() + (label == targets[row] ? 1 : 0);
      }
    }
    return logits;
  }

  /** Tags are numbered in the order of their names; tags of the dev set may be unknown. */
  @Test
  void fromFiles() throws IOException {
    Path train = Files.writeString(folder.resolve("train"), "a O\nb I-X\n\nab B-X\nb I-Y\n");
    Path dev = Files.writeString(folder.resolve("dev"), "a B-X\nb I-X\na B-Z\n");
    List<String> notices = new ArrayList<>();
    FineTunedTask<?> task =
        new TaggingKind().read(train, Optional.of(dev), tokenizer, 16, notices::add);
    assertThat(notices)
        .containsExactly(
            dev + ": tags that no word of " + train + " has, and that cannot be found: B-Z",
            train + ": 2 sentences with 4 different tags, 1 to score on");
    Evaluation<?> evaluation = task.development().orElseThrow();
    Evaluation.Collector collector = evaluation.begin();
    // B-X I-X I-Y: a span is right, one is not, one is missed.
    float[] logits = new float[5 * 4];
    logits[4] = 1;
    logits[2 * 4 + 1] = 1;
    logits[3 * 4 + 2] = 1;
    collector.add(new int[] {0}, packed(evaluation.examples(), 0), logits);
    SequencedMap<String, Double> scores = collector.scores();
    assertThat(scores.firstEntry().getKey()).isEqualTo("F1");
    assertThat(scores)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("F1", 50.0, "precision", 50.0, "recall", 50.0, "accuracy", 100.0 * 2 / 3));
  }

  @Test
  void whatCannotBeLearned() throws IOException {
    Path tags = Files.writeString(folder.resolve("tags"), "O\nB-X\n");
    Path one = Files.writeString(folder.resolve("one"), "a O\nb O\n");
    Path wrong = Files.writeString(folder.resolve("wrong"), "a O\nb PER\n");
    Path train = Files.writeString(folder.resolve("train"), "a O\nb B-X\n");
    refused(tags, Optional.empty(), tags + ": tags alone, expected a word and its tag a line");
    refused(train, Optional.of(tags), tags + ": tags alone, expected a word and its tag a line");
    refused(
        one,
        Optional.empty(),
        one + ": all words have the tag O, expected two different ones at least");
    refused(
        wrong,
        Optional.empty(),
        wrong + ":2: the tag is 'PER', expected O, or B, I, E or S with a type, as B-PER");
  }

  private void refused(Path train, Optional<Path> dev, String message) {
    assertThatThrownBy(() -> new TaggingKind().read(train, dev, tokenizer, 16, notice -> {}))
        .isInstanceOf(FileException.class)
        .hasMessage(message);
  }
}
