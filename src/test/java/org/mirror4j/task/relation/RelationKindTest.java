package org.mirror4j.task.relation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.support.SharedData;
import org.mirror4j.task.Evaluation;
import org.mirror4j.task.Examples;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.LabelNames;
import org.mirror4j.task.Scored;
import org.mirror4j.task.Scorer;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.Tokenizer;

class RelationKindTest {
  private static final RelationKind TACRED = RelationKind.all().getFirst();
  private static final RelationKind SEMEVAL = RelationKind.all().getLast();

  @AutoClose private final Tokenizer tokenizer = RelationPieces.withUnused(8);

  @TempDir Path folder;

  /** An example of two words, the one the subject and the other the object. */
  private static String tacred(String id, String relation) {
    return ("{\"id\":\"%s\",\"token\":[\"a\",\"b\"],\"subj_start\":0,\"subj_end\":0,\"obj_start\":1,"
                + "\"obj_end\":1,\"subj_type\":\"PER\",\"obj_type\":\"LOC\",\"relation\":\"%s\"}")
        .formatted(id, relation);
  }

  private static String sentence(String id, String label) {
    return "%s\t\"<e1>a</e1> b <e2>c</e2>.\"\n%s\nComment:\n\n".formatted(id, label);
  }

  /** Examples of these relations, their ids from 1 on. */
  private static String file(RelationKind kind, String... relations) {
    List<String> examples = new ArrayList<>();
    for (String relation : relations) {
      String id = Integer.toString(examples.size() + 1);
      examples.add(kind == TACRED ? tacred(id, relation) : sentence(id, relation));
    }
    return kind == TACRED ? "[" + String.join(",\n", examples) + "]" : String.join("", examples);
  }

  private FineTunedTask<?> read(RelationKind kind, String train, String dev, List<String> notices)
      throws IOException {
    return kind.read(
        Files.writeString(folder.resolve("train"), train),
        Optional.of(Files.writeString(folder.resolve("dev"), dev)),
        tokenizer,
        16,
        notices::add);
  }

  private static PackedBatch packed(Examples<?> examples, int... some) {
    return PackedBatch.of(
        Arrays.stream(some).mapToObj(i -> examples.text(i).ids()).toArray(int[][]::new),
        PackedBatch.Positions.BERT);
  }

  private static ObjectNode config(FineTunedTask<?> task) {
    ObjectNode config = JsonFiles.object();
    task.configure(config);
    return config;
  }

  /** No relation, and the others by how often they are, of as many the first. */
  @ParameterizedTest
  @CsvSource({
    "tacred, no_relation, 'x y z'",
    "semeval-2010-8, Other, 'Message-Topic(e1,e2) Cause-Effect(e2,e1) Cause-Effect(e1,e2)'"
  })
  void labels(String name, String none, String others) throws IOException {
    RelationKind kind = name.equals("tacred") ? TACRED : SEMEVAL;
    assertThat(kind.name()).isEqualTo(name);
    String[] other = others.split(" ");
    List<String> notices = new ArrayList<>();
    String train = file(kind, other[1], none, other[2], other[0], none, other[0], none, none);
    FineTunedTask<?> task = read(kind, train, file(kind, other[0], none), notices);
    List<String> expected = List.of(none, other[0], other[1], other[2]);
    assertThat(LabelNames.of(config(task), "config.json").names()).isEqualTo(expected);
    int[] all = IntStream.range(0, 8).toArray();
    assertThat((int[]) task.training().targets(all, packed(task.training(), all)))
        .containsExactly(2, 0, 3, 1, 0, 1, 0, 0);
    assertThat(task.className()).isEqualTo("ForSequenceClassification");
    assertThat(notices.getFirst())
        .isEqualTo(
            "%s: 8 sentences with 3 relations and %s, 2 to score on"
                .formatted(folder.resolve("train"), none));
    FineTunedTask<?> positive =
        read(kind, file(kind, other[0], other[0]), file(kind, other[0]), notices);
    assertThat(LabelNames.of(config(positive), "config.json").names())
        .containsExactly(none, other[0]);
  }

  /** What a model was trained with stands in its config.json, and is read from there again. */
  @ParameterizedTest
  @EnumSource
  void symbolsAreSaved(EntityMarking marking) throws IOException {
    String file = file(TACRED, "no_relation", "x");
    FineTunedTask<?> task = read(TACRED.marked(marking), file, file, new ArrayList<>());
    String label = marking.name().toLowerCase(Locale.ROOT).replace('_', '-');
    ObjectNode config = config(task);
    assertThat(config.toString())
        .isEqualTo(
            """
            {"problem_type":"single_label_classification",\
            "id2label":{"0":"no_relation","1":"x"},"label2id":{"no_relation":0,"x":1},\
            "entity_marking":"%s","entity_symbols":{"SUBJ_START":"[unused1]",\
            "SUBJ_END":"[unused2]","OBJ_START":"[unused3]","OBJ_END":"[unused4]"%s}}\
            """
                .formatted(
                    label,
                    marking == EntityMarking.TEXT
                        ? ""
                        : ",\"SUBJ=PER\":\"[unused5]\",\"OBJ=LOC\":\"[unused6]\""));
    EntitySymbols symbols =
        EntitySymbols.of(
            JsonFiles.parseObject(config.toString().getBytes(StandardCharsets.UTF_8), "f"), "f");
    assertThat(symbols.marking()).isEqualTo(marking);
    SentenceMarker marker = new SentenceMarker(symbols, tokenizer);
    assertThat(marker.mark(TacredFile.read(folder.resolve("dev")).getFirst()).ids())
        .isEqualTo(task.development().orElseThrow().examples().text(0).ids());
    assertThat(TACRED.marked(marking).options()).containsExactly(Map.entry("marking", label));
  }

  /** The next file may have the types in another order. */
  @Test
  void aModelKeepsItsSymbols() throws IOException {
    String first = file(TACRED, "no_relation", "x").replace("PER", "ORG");
    FineTunedTask<?> before = read(TACRED, first, first, new ArrayList<>());
    ObjectNode config =
        JsonFiles.parseObject(config(before).toString().getBytes(StandardCharsets.UTF_8), "f");
    String second = file(TACRED, "no_relation", "x");
    Files.writeString(folder.resolve("train"), second);
    FineTunedTask<?> after =
        TACRED
            .goingOnFrom(config, "f")
            .read(folder.resolve("train"), Optional.empty(), tokenizer, 16, notice -> {});
    assertThat(EntitySymbols.of(asked(after), "g").pieces())
        .containsEntry("SUBJ=ORG", "[unused5]")
        .containsEntry("OBJ=LOC", "[unused6]")
        .containsEntry("SUBJ=PER", "[unused7]");
  }

  private static ObjectNode asked(FineTunedTask<?> task) {
    ObjectNode config = JsonFiles.object();
    task.configure(config);
    return config;
  }

  /** As a row of a table says it; what is given back is what may be said. */
  @ParameterizedTest
  @EnumSource
  void aMarkingMayBeSaidByName(EntityMarking marking) {
    ObjectNode options = JsonFiles.object();
    TACRED.marked(marking).options().forEach(options::put);
    assertThat(TACRED.withOptions(options).options())
        .isEqualTo(TACRED.marked(marking).options())
        .hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          tacred | marking | no | tacred: 'marking' is "no", expected text or ner or text-ner or ner-text
          tacred | markings | ner | tacred: unknown key 'markings'
          semeval-2010-8 | marking | ner | semeval-2010-8: 'marking' is ner, expected text
          """)
  void otherOptionsAreRefusedByName(String task, String key, String value, String message) {
    RelationKind kind = task.equals("tacred") ? TACRED : SEMEVAL;
    assertThatThrownBy(() -> kind.withOptions(JsonFiles.object().put(key, value)))
        .isInstanceOf(RuntimeException.class)
        .hasMessageStartingWith(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {} | f: 'entity_marking' missing, expected a string
          {"entity_marking":"no"} | f: 'entity_marking' is "no", expected text or ner or text-ner or ner-text
          {"entity_marking":"ner"} | f: 'entity_symbols' missing, expected an object
          {"entity_marking":"ner","entity_symbols":{"a":1}} | f: 'entity_symbols' is {"a":1}, expected an object of strings
          {"entity_marking":"ner","entity_symbols":{"a":"x","b":"x"}} | f: 'entity_symbols' has 'x' for 'a' and 'b', expected a piece of its own for each
          {"entity_marking":"ner","entity_symbols":{"SUBJ_START":"x"}} | f: 'entity_symbols' has no SUBJ_END, expected SUBJ_START, SUBJ_END, OBJ_START, OBJ_END and the types of entities
          """)
  void symbolsThatCannotBeUsed(String config, String message) {
    ObjectNode json = JsonFiles.parseObject(config.getBytes(StandardCharsets.UTF_8), "f");
    assertThatThrownBy(() -> EntitySymbols.of(json, "f"))
        .isInstanceOf(FileException.class)
        .hasMessage(message);
  }

  /** F1 first, as the scorer has it of the same relations, written and read again. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void scoresAreThoseOfTheScorer(boolean isTacred) throws IOException {
    RelationKind kind = isTacred ? TACRED : SEMEVAL;
    Scorer scorer = isTacred ? new TacredScorer() : new SemEvalScorer();
    Random random = new Random(4);
    List<String> relations =
        isTacred ? List.of("no_relation", "per:x", "per:y", "org:z") : SemEvalFile.LABELS;
    String train = file(kind, relations.toArray(String[]::new));
    String[] gold =
        IntStream.range(0, 23)
            .mapToObj(i -> relations.get(random.nextInt(relations.size())))
            .toArray(String[]::new);
    String dev = file(kind, gold);
    FineTunedTask<?> task = read(kind, train, dev, new ArrayList<>());
    LabelNames labels = LabelNames.of(config(task), "config.json");
    Evaluation<?> evaluation = task.development().orElseThrow();
    Evaluation.Collector collector = evaluation.begin();
    String[] said = new String[gold.length];
    for (int from = 20; from >= 0; from -= 5) {
      int[] batch = IntStream.range(from, Math.min(gold.length, from + 5)).toArray();
      float[] logits = new float[batch.length * labels.size()];
      for (int i = 0; i < batch.length; i++) {
        // Right two times of three.
        said[batch[i]] =
            random.nextInt(3) > 0
                ? gold[batch[i]]
                : labels.names().get(random.nextInt(labels.size()));
        logits[i * labels.size() + labels.number(said[batch[i]])] = 1;
      }
      collector.add(batch, packed(evaluation.examples(), batch), logits);
    }
    Path written = folder.resolve("predictions");
    SequencedMap<String, String> answers = new LinkedHashMap<>();
    if (isTacred) {
      Files.write(written, TacredFile.bytes(List.of(said)));
      assertThat(TacredFile.lines(written, notice -> {})).containsExactly(said);
    } else {
      for (int i = 0; i < said.length; i++) {
        answers.put(Integer.toString(i + 1), said[i]);
      }
      Files.write(written, SemEvalFile.bytes(answers));
      assertThat(SemEvalFile.answers(written, notice -> {})).containsExactlyEntriesOf(answers);
    }
    Scored scored = Scored.of(scorer, folder, dev, Files.readString(written));
    assertThat(collector.scores())
        .containsExactly(
            Map.entry("F1", scored.get("f1")),
            Map.entry("precision", scored.get("precision")),
            Map.entry("recall", scored.get("recall")));
    assertThat(scored.get("f1")).isBetween(20.0, 90.0);
  }

  /** Always the same: one of four is found rightly where all are said to be it, F1 2 / (4 + 2). */
  @Test
  void whatIsToldOfADevSet() throws IOException {
    List<String> notices = new ArrayList<>();
    read(
        TACRED,
        file(TACRED, "x", "no_relation", "x", "y"),
        file(TACRED, "x", "no_relation", "y", "z\\u0001"),
        notices);
    Path dev = folder.resolve("dev");
    Path train = folder.resolve("train");
    assertThat(notices)
        .containsExactly(
            train + ": 4 sentences with 2 relations and no_relation, 4 to score on",
            dev + ": not in " + train + " and so never said: 'z?'",
            dev
                + ": F1 is 0.00 where all are said to be no_relation, and 28.57 where 'x', the"
                + " commonest relation of "
                + train);
  }

  @Test
  void whatCannotBeLearned() throws IOException {
    String right = file(TACRED, "no_relation", "x");
    String overlapping =
        right.replaceFirst("\"subj_end\":0,\"obj_start\":1", "\"subj_end\":1,\"obj_start\":1");
    refused(
        TACRED,
        right,
        overlapping,
        "dev",
        ": example '1': 'subj_start' is 0 and 'subj_end' 1, 'obj_start' 1 and 'obj_end' 1,"
            + " expected entities that do not overlap");
    refused(
        TACRED,
        right.replaceFirst("\"subj_end\":0", "\"subj_end\":2"),
        right,
        "train",
        ": example '1': 'subj_start' is 0 and 'subj_end' 2, expected tokens 0 to 1 in order");
    refused(
        TACRED,
        right.replaceFirst("\"x\"", "\"x y\""),
        right,
        "train",
        ": example '2': 'relation' is 'x y', expected a name without blanks");
    refused(
        TACRED,
        right.replaceFirst("\"x\"", "\"\""),
        right,
        "train",
        ": example '2': 'relation' is '', expected a name without blanks");
    String none = file(TACRED, "no_relation", "no_relation");
    for (boolean inTraining : new boolean[] {true, false}) {
      refused(
          TACRED,
          inTraining ? none : right,
          inTraining ? right : none,
          inTraining ? "train" : "dev",
          ": all sentences have no_relation, expected one at least with a relation");
    }
    refused(
        TACRED,
        right,
        file(TACRED, "no_relation", "y", "a"),
        "dev",
        ": 'a', 'y', expected relations of %s, which has no_relation, x"
            .formatted(folder.resolve("train")));
    refused(
        SEMEVAL,
        file(SEMEVAL, "Cause-Effect(e1,e2)"),
        "\n\n",
        "dev",
        ": no sentence, expected one at least");
    refused(SEMEVAL, "1\tOther\n", right, "train", ":1: '1?Other', expected a number, a tab and");
  }

  private void refused(RelationKind kind, String train, String dev, String file, String message) {
    assertThatThrownBy(() -> read(kind, train, dev, new ArrayList<>()))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(folder.resolve(file) + message);
  }

  /** SemEval's entities have no types to stand in their place. */
  @Test
  void markings() {
    assertThat(TACRED.markings())
        .startsWith(EntityMarking.NER)
        .containsExactlyInAnyOrder(EntityMarking.values());
    assertThat(SEMEVAL.markings()).containsExactly(EntityMarking.TEXT);
    assertThatThrownBy(() -> SEMEVAL.marked(EntityMarking.NER))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Pieces are those of a tokenizer that knows letters alone; figures do not hang on that. */
  @Test
  void publishedSets() {
    Path red = SharedData.require("data/relation/redocred-sentence");
    Path semEval = SharedData.require("data/relation/semeval2010-task8");
    assertThat(told(TACRED, red.resolve("train.json.gz"), red.resolve("dev.json.gz")))
        .endsWith(
            "and 7.94 where 'P131', the commonest relation of " + red.resolve("train.json.gz"));
    Path train = semEval.resolve("TRAIN_FILE.TXT.gz");
    assertThat(told(SEMEVAL, train, semEval.resolve("TEST_FILE_FULL.TXT")))
        .endsWith("and 2.15 where 'Entity-Destination(e1,e2)', the commonest relation of " + train);
  }

  private String told(RelationKind kind, Path train, Path dev) {
    List<String> notices = new ArrayList<>();
    try (Tokenizer more = RelationPieces.withUnused(20)) {
      kind.read(train, Optional.of(dev), more, 128, notices::add);
    }
    return notices.stream().filter(notice -> notice.startsWith(dev + ": F1")).findFirst().get();
  }
}
