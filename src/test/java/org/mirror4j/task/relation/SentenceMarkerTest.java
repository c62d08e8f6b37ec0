package org.mirror4j.task.relation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.file.FileException;
import org.mirror4j.task.LabelNames;
import org.mirror4j.task.TextSpan;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.text.block.TokenRange;

/** What a model reads, token by token. */
class SentenceMarkerTest {
  @AutoClose private final Tokenizer tokenizer = RelationPieces.withUnused(8);

  private static RelationExample example(
      String tokens, int subject, int subjectEnd, int object, int objectEnd) {
    return new RelationExample(
        "id",
        List.of(tokens.split(" ")),
        new TokenRange(subject, subjectEnd),
        new TokenRange(object, objectEnd),
        "S",
        "T",
        "r");
  }

  private String marked(EntityMarking marking, RelationExample example) {
    EntitySymbols symbols = EntitySymbols.of(marking, Map.of(), List.of(example));
    return RelationPieces.spelled(
        new SentenceMarker(symbols, tokenizer).mark(example).ids(), tokenizer);
  }

  /** Around a subject u1 and u2, an object u3 and u4; in place of a subject u5, an object u6. */
  @ParameterizedTest
  @CsvSource({
    "TEXT, [CLS] a u1 b ##c d u2 e u3 f u4 g [SEP]",
    "TEXT_NER, [CLS] a u1 b ##c d u2 e u3 f u4 g [SEP] u5 [SEP] u6 [SEP]",
    "NER, [CLS] a u5 e u6 g [SEP]",
    "NER_TEXT, [CLS] a u5 e u6 g [SEP] b ##c d [SEP] f [SEP]"
  })
  void subjectFirst(EntityMarking marking, String expected) {
    assertThat(marked(marking, example("a bc d e f g", 1, 3, 4, 5))).isEqualTo(expected);
  }

  /** The subject's types and text come first all the same. */
  @ParameterizedTest
  @CsvSource({
    "TEXT, [CLS] u3 a b u4 u1 c u2 [SEP]",
    "TEXT_NER, [CLS] u3 a b u4 u1 c u2 [SEP] u5 [SEP] u6 [SEP]",
    "NER, [CLS] u6 u5 [SEP]",
    "NER_TEXT, [CLS] u6 u5 [SEP] c [SEP] a b [SEP]"
  })
  void objectFirstAndNothingElse(EntityMarking marking, String expected) {
    assertThat(marked(marking, example("a b c", 2, 3, 0, 2))).isEqualTo(expected);
  }

  /** Whatever the case they are written in; what only begins so stays as it is. */
  @Test
  void bracketsOfTheTreebank() {
    assertThat(
            marked(
                EntityMarking.TEXT,
                example("-LRB- a -rrb- -LSB- -RSB- -LCB- -rCb- -lrb", 1, 2, 0, 1)))
        .isEqualTo("[CLS] u3 ( u4 u1 a u2 ) [ ] { } - l ##r ##b [SEP]");
  }

  /** Of a text: an entity within a word parts it. */
  @Test
  void partsOfAText() {
    SemEvalSentence sentence =
        new SemEvalSentence("7", "a bcd e. ", new TextSpan(3, 4), new TextSpan(6, 7), "Other");
    assertThat(marked(EntityMarking.TEXT, sentence.example()))
        .isEqualTo("[CLS] a b u1 c u2 d u3 e u4 . [SEP]");
    SemEvalSentence alone =
        new SemEvalSentence("7", "ab", new TextSpan(0, 1), new TextSpan(1, 2), "Other");
    assertThat(marked(EntityMarking.TEXT, alone.example()))
        .isEqualTo("[CLS] u1 a u2 u3 b u4 [SEP]");
    assertThat(alone.example())
        .isEqualTo(
            new RelationExample(
                "7",
                List.of("a", "b"),
                new TokenRange(0, 1),
                new TokenRange(1, 2),
                "",
                "",
                "Other"));
  }

  /** In the order in which they are needed, subjects before objects. */
  @Test
  void symbolsOfTypes() {
    List<RelationExample> examples = new ArrayList<>();
    for (String types : List.of("X Y", "X X", "Y Y", "X Y")) {
      examples.add(
          new RelationExample(
              "id",
              List.of("a", "b"),
              new TokenRange(0, 1),
              new TokenRange(1, 2),
              types.substring(0, 1),
              types.substring(2),
              "r"));
    }
    assertThat(EntitySymbols.of(EntityMarking.NER, Map.of(), examples).pieces())
        .containsExactly(
            Map.entry("SUBJ_START", "[unused1]"),
            Map.entry("SUBJ_END", "[unused2]"),
            Map.entry("OBJ_START", "[unused3]"),
            Map.entry("OBJ_END", "[unused4]"),
            Map.entry("SUBJ=X", "[unused5]"),
            Map.entry("OBJ=Y", "[unused6]"),
            Map.entry("OBJ=X", "[unused7]"),
            Map.entry("SUBJ=Y", "[unused8]"));
    assertThat(EntitySymbols.of(EntityMarking.TEXT, Map.of(), examples).pieces()).hasSize(4);
    Map<String, String> learned =
        EntitySymbols.of(EntityMarking.NER, Map.of(), examples.subList(2, 3)).pieces();
    assertThat(EntitySymbols.of(EntityMarking.NER, learned, examples).pieces())
        .as("what a model has learned stays")
        .containsAllEntriesOf(learned)
        .containsEntry("SUBJ=Y", "[unused5]")
        .containsEntry("OBJ=Y", "[unused6]")
        .containsEntry("SUBJ=X", "[unused7]")
        .containsEntry("OBJ=X", "[unused8]");
    EntitySymbols many = EntitySymbols.of(EntityMarking.NER, Map.of(), examples);
    try (Tokenizer few = RelationPieces.withUnused(7)) {
      assertThatThrownBy(() -> new SentenceMarker(many, few))
          .isInstanceOf(FileException.class)
          .hasMessage(
              "the tokenizer has no piece '[unused8]' for the symbol 'SUBJ=Y', expected one of its"
                  + " own for each of 8; BERT's vocabularies have them");
    }
  }

  /** The end is lost, the last [SEP] too; only sentences that lose something of an entity count. */
  @ParameterizedTest
  @CsvSource({
    "TEXT, 11, [CLS] a u1 b ##c d u2 e u3 f u4, 0",
    "TEXT, 10, [CLS] a u1 b ##c d u2 e u3 f, 1",
    "TEXT, 6, [CLS] a u1 b ##c d, 1",
    "TEXT_NER, 16, [CLS] a u1 b ##c d u2 e u3 f u4 g [SEP] u5 [SEP] u6, 0",
    "TEXT_NER, 15, [CLS] a u1 b ##c d u2 e u3 f u4 g [SEP] u5 [SEP], 1",
    "NER, 5, [CLS] a u5 e u6, 0",
    "NER, 4, [CLS] a u5 e, 1",
    "NER_TEXT, 12, [CLS] a u5 e u6 g [SEP] b ##c d [SEP] f, 0",
    "NER_TEXT, 11, [CLS] a u5 e u6 g [SEP] b ##c d [SEP], 1"
  })
  void cut(EntityMarking marking, int maxLength, String expected, int lost) {
    RelationExample cut = example("a bc d e f g", 1, 3, 4, 5);
    RelationExample whole = example("a b", 0, 1, 1, 2);
    List<String> notices = new ArrayList<>();
    RelationExamples examples =
        new RelationExamples(
            Path.of("f"),
            List.of(whole, cut),
            new LabelNames(List.of("no_relation", "r")),
            new SentenceMarker(EntitySymbols.of(marking, Map.of(), List.of(cut)), tokenizer),
            maxLength,
            notices::add);
    assertThat(RelationPieces.spelled(examples.text(1).ids(), tokenizer)).isEqualTo(expected);
    assertThat(examples.text(1).typeIds()).hasSize(examples.text(1).length()).containsOnly(0);
    int both = maxLength == 6 ? lost + 1 : lost;
    assertThat(notices)
        .isEqualTo(
            lost == 0
                ? List.of()
                : List.of(
                    "f: %d of 2 sentences lose an entity or a part of one, cut at %d tokens"
                        .formatted(both, maxLength)));
  }

  @Test
  void typesThatWereNotTrainedOn() {
    RelationExample trained = example("a b", 0, 1, 1, 2);
    RelationExample other =
        new RelationExample(
            "id", trained.tokens(), trained.subject(), trained.object(), "S", "\u0001x", "r");
    List<RelationExample> sentences = List.of(other, trained, other);
    LabelNames labels = new LabelNames(List.of("no_relation", "r"));
    for (EntityMarking marking : EntityMarking.values()) {
      List<String> notices = new ArrayList<>();
      SentenceMarker marker =
          new SentenceMarker(EntitySymbols.of(marking, Map.of(), List.of(trained)), tokenizer);
      RelationExamples examples =
          new RelationExamples(Path.of("f"), sentences, labels, marker, 30, notices::add);
      boolean typed = marking != EntityMarking.TEXT;
      assertThat(notices)
          .isEqualTo(
              typed
                  ? List.of("f: no sentence that was trained on has 'OBJ=?x', read as unknown")
                  : List.of());
      assertThat(RelationPieces.spelled(examples.text(0).ids(), tokenizer))
          .isEqualTo(
              RelationPieces.spelled(examples.text(1).ids(), tokenizer).replace("u6", "[UNK]"));
    }
  }

  @Test
  void targets() {
    RelationExample related = example("a b", 0, 1, 1, 2);
    RelationExample none =
        new RelationExample(
            "2", related.tokens(), related.subject(), related.object(), "S", "T", "no_relation");
    RelationExamples examples =
        new RelationExamples(
            Path.of("f"),
            List.of(related, none, related),
            new LabelNames(List.of("no_relation", "r")),
            new SentenceMarker(
                EntitySymbols.of(EntityMarking.NER, Map.of(), List.of(related)), tokenizer),
            30,
            notice -> {});
    int[] some = {2, 1};
    PackedBatch packed =
        PackedBatch.of(
            IntStream.of(some).mapToObj(i -> examples.text(i).ids()).toArray(int[][]::new),
            PackedBatch.Positions.BERT);
    assertThat(examples.targets(some, packed)).containsExactly(1, 0);
    assertThat(IntStream.range(0, examples.size()).map(examples::predictions))
        .containsExactly(1, 1, 1);
  }
}
