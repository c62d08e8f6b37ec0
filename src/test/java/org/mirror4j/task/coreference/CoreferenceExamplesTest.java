package org.mirror4j.task.coreference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.mirror4j.objective.coreference.DocumentSpans;
import org.mirror4j.objective.coreference.SpanRanking;
import org.mirror4j.task.Predictions;
import org.mirror4j.text.Tokenizer;

/** Documents as the network takes them, and what it says as chains. */
class CoreferenceExamplesTest {
  private static final List<String> PIECES =
      List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##a", "b", "##b", ".");

  @AutoClose private final Tokenizer tokenizer = Tokenizer.wordPiece(PIECES, false);

  private static CoreferenceDocument document(String name, List<Chain> chains, int sentences) {
    List<CoreferenceDocument.Sentence> all =
        Collections.nCopies(
            sentences,
            new CoreferenceDocument.Sentence(List.of("ab", "a", "."), List.of("x", "x", "-")));
    return new CoreferenceDocument(name, "0", all, chains);
  }

  private static Chain chain(int number, int... firstsAndLasts) {
    List<Mention> mentions = new ArrayList<>();
    for (int i = 0; i < firstsAndLasts.length; i += 2) {
      mentions.add(new Mention(firstsAndLasts[i], firstsAndLasts[i + 1]));
    }
    return new Chain(number, mentions);
  }

  private CoreferenceExamples examples(int segments, CoreferenceDocument... documents) {
    return new CoreferenceExamples(
        List.of(documents),
        tokenizer,
        10,
        CoreferenceSettings.base(),
        Genres.of(List.of(documents)),
        segments);
  }

  /** Two sentences of four pieces are a segment of ten tokens. */
  @Test
  void windowsOfLongDocuments() {
    CoreferenceExamples examples =
        examples(2, document("nw/a", List.of(), 9), document("bc/b", List.of(), 2));
    assertThat(examples.alone().orElseThrow().tokens()).isEqualTo(20);
    assertThat(examples.alone().orElseThrow().sequences()).isEqualTo(2);
    Set<String> windows = new HashSet<>();
    for (int epoch = 0; epoch < 30; epoch++) {
      CoreferenceExamples now = (CoreferenceExamples) examples.in(42, epoch);
      int[] segments = now.segments(0, now.text(0));
      assertThat(segments).hasSize(2);
      assertThat(now.segments(1, now.text(1))).containsExactly(10);
      assertThat(now.text(0).length()).isEqualTo(segments[0] + segments[1]);
      DocumentSpans spans = now.targets(new int[] {0}, null);
      assertThat(spans.rows()).isEqualTo(now.text(0).length());
      assertThat(spans.segmentOfRow()[0]).isZero();
      // Genres count from 1 in the order of their names.
      assertThat(spans.genre()).isEqualTo(2);
      assertThat(now.targets(new int[] {1}, null).genre()).isEqualTo(1);
      windows.add(now.chains(0, new float[] {0, -1, 1, 2, 0, 1}).toString());
    }
    // Four places for two of five segments, each with words of its own.
    assertThat(windows).hasSize(4);
  }

  private static List<String> windows(CoreferenceExamples examples, long seed) {
    return IntStream.range(0, 20)
        .mapToObj(epoch -> (CoreferenceExamples) examples.in(seed, epoch))
        .map(now -> now.chains(0, new float[] {0, -1, 1, 2, 0, 1}).toString())
        .toList();
  }

  /** Another seed has another order of windows, the same one the same. */
  @Test
  void windowsDependOnTheSeed() {
    CoreferenceExamples examples = examples(1, document("nw/a", List.of(), 9));
    List<String> windows = windows(examples, 7);
    assertThat(windows(examples, 7)).isEqualTo(windows);
    assertThat(windows(examples, 8)).isNotEqualTo(windows);
    assertThat(new HashSet<>(windows)).hasSize(5);
  }

  /** Each gold mention with the one before it gives the gold chains. */
  @Test
  void chainsOfDecisions() {
    List<Chain> gold = List.of(chain(0, 0, 1, 3, 4, 12, 12), chain(1, 1, 1, 6, 8));
    CoreferenceExamples examples = examples(99, document("nw/a", gold, 5));
    DocumentSpans spans = examples.targets(new int[] {0}, null);
    List<Integer> kept = new ArrayList<>();
    List<Float> decisions = new ArrayList<>();
    Map<Integer, Integer> last = new HashMap<>();
    for (int candidate = 0; candidate < spans.candidates(); candidate++) {
      int cluster = spans.clusters()[candidate];
      if (cluster > 0 || candidate % 7 == 0) {
        decisions.add((float) candidate);
        decisions.add(cluster > 0 ? (float) last.getOrDefault(cluster, -1) : -1f);
        decisions.add(0f);
        last.put(cluster, kept.size());
        kept.add(candidate);
      }
    }
    float[] said = new float[decisions.size()];
    for (int i = 0; i < said.length; i++) {
      said[i] = decisions.get(i);
    }
    assertThat(said).hasSize(SpanRanking.FIELDS * kept.size());
    assertThat(examples.chains(0, said)).isEqualTo(gold);
  }

  @Test
  void logitsThatAreNotFiniteAreRefused() {
    CoreferenceDocument document = document("nw/a", List.of(), 2);
    Predictions predictions =
        new PredictedCoreference(
                CoreferenceSettings.base(), Genres.of(List.of(document)), examples(9, document))
            .begin();
    assertThatThrownBy(
            () -> predictions.add(new int[] {0}, null, new float[] {0, -1, 0, 1, -1, Float.NaN}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("the model gives logits that are not finite");
  }

  @Test
  void plainTexts() {
    CoreferenceDocument document =
        PlainDocuments.of("text", "Ann's dog barked. It ran!\n\nShe (Ann) saw 3.5 dogs");
    assertThat(document.sentences())
        .extracting(sentence -> String.join(" ", sentence.words()))
        .containsExactly("Ann's dog barked .", "It ran !", "She ( Ann ) saw 3.5 dogs");
    assertThat(document.sentences().getFirst().speakers()).containsOnly("-");
    assertThat(document.genre()).isEmpty();
    assertThatThrownBy(() -> PlainDocuments.of("text", " \n\u00a0"))
        .hasMessage("no word, expected a text");
  }

  /** Of no-break spaces, control characters and breaks of no width nothing is seen. */
  @Test
  void whatIsNotSeenIsNoWord() {
    CoreferenceDocument document =
        PlainDocuments.of("text", "Ann\u00a0saw\u2007it \u200b .\u00a0 \u202fShe ran\u0001.");
    assertThat(document.words()).containsExactly("Ann", "saw", "it", ".", "She", "ran", ".");
  }
}
