package org.mirror4j.task.relation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.file.FileException;
import org.mirror4j.support.SharedData;
import org.mirror4j.task.Scored;
import org.mirror4j.task.ScoredFiles;
import org.mirror4j.text.block.TokenRange;

class TacredScorerTest {
  /** A few roundings of numbers up to 100. */
  private static final double ROUNDING = 1e-13;

  private static final String GOLD =
      """
      no_relation
      no_relation
      per:age
      per:age
      per:title
      org:founded
      """;

  @TempDir Path folder;

  private Scored scored(String gold, String predictions) {
    return Scored.of(new TacredScorer(), folder, gold, predictions);
  }

  @Test
  void byHand() {
    Scored scored =
        scored(GOLD, "no_relation\nper:age\nper:age\nno_relation\nper:age\norg:founded\n");
    // Right 2 of 4 found and of 4 there.
    assertThat(scored.get("items")).isEqualTo(4);
    assertThat(scored.get("precision")).isEqualTo(50);
    assertThat(scored.get("recall")).isEqualTo(50);
    assertThat(scored.get("f1")).isEqualTo(50);
    // per:age: right 1 of 3 found and 2 there: F1 2/5.
    assertThat(scored.get("precision:per:age")).isCloseTo(100.0 / 3, within(ROUNDING));
    assertThat(scored.get("recall:per:age")).isEqualTo(50);
    assertThat(scored.get("f1:per:age")).isCloseTo(40, within(ROUNDING));
    // Never found: precision 1 as in the official script.
    assertThat(scored.get("precision:per:title")).isEqualTo(100);
    assertThat(scored.get("recall:per:title")).isZero();
    assertThat(scored.get("f1:per:title")).isZero();
    assertThat(scored.get("f1:org:founded")).isEqualTo(100);
    assertThat(scored.figures()).hasSize(4 * 4);
    assertThat(scored.notices()).isEmpty();
  }

  @Test
  void nothingFound() {
    Scored scored = scored(GOLD, "no_relation\n".repeat(6));
    assertThat(scored.get("precision")).isEqualTo(100);
    assertThat(scored.get("recall")).isZero();
    assertThat(scored.get("f1")).isZero();
  }

  @Test
  void relationsThatTheAnnotationsLackAreWrong() {
    Scored scored = scored(GOLD, "no_relation\nper:ag\nper:age\nper:age\nper:title\norg:founded\n");
    assertThat(scored.get("precision")).isEqualTo(80);
    assertThat(scored.get("recall")).isEqualTo(100);
    assertThat(scored.figures()).doesNotContainKey("f1:per:ag");
    assertThat(scored.notices())
        .containsExactly(
            "%s: not in %s and so wrong: 'per:ag'"
                .formatted(folder.resolve("predictions"), folder.resolve("gold")));
  }

  @Test
  void examplesInJson() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("f.json"),
            "[{\"id\":\"a\",\"docid\":\"d\",\"relation\":\"per:age\",\"token\":[\"Ann\",\",\",\"9\"],"
                + "\"subj_start\":0,\"subj_end\":0,\"obj_start\":1,\"obj_end\":2,"
                + "\"subj_type\":\"PERSON\",\"obj_type\":\"NUMBER\",\"stanford_pos\":[]}]");
    assertThat(TacredFile.read(file))
        .containsExactly(
            new RelationExample(
                "a",
                List.of("Ann", ",", "9"),
                new TokenRange(0, 1),
                new TokenRange(1, 3),
                "PERSON",
                "NUMBER",
                "per:age"));
    for (String before : List.of("", "\n \n")) {
      Scored scored = scored(before + Files.readString(file), "per:age\n");
      assertThat(scored.get("f1")).isEqualTo(100);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          "subj_start":-1 | : example 'a': 'subj_start' is -1 and 'subj_end' 0, expected tokens 0 to 2 in order
          "subj_end":3    | : example 'a': 'subj_start' is 0 and 'subj_end' 3, expected tokens 0 to 2 in order
          "obj_end":1     | : example 'a': 'obj_start' is 2 and 'obj_end' 1, expected tokens 0 to 2 in order
          "obj_end":"2"   | : example 'a': 'obj_end' is "2", expected an integer
          "relation":null | : example 'a': 'relation' is null, expected a string
          "token":[1]     | : example 'a': a token is 1, expected a string
          "id":1          | : example 1: 'id' is 1, expected a string
          """)
  void examplesThatAreWrong(String wrong, String message) throws IOException {
    String right =
        "{\"id\":\"a\",\"token\":[\"Ann\",\",\",\"9\"],\"subj_start\":0,\"subj_end\":0,"
            + "\"obj_start\":2,\"obj_end\":2,\"subj_type\":\"P\",\"obj_type\":\"N\","
            + "\"relation\":\"r\"}";
    String key = wrong.substring(0, wrong.indexOf(':') + 1);
    String json = right.replaceAll(key + "(\\[.*?]|[^,}]*)", wrong);
    Path file = Files.writeString(folder.resolve("f.json"), "[" + json + "]");
    assertThatThrownBy(() -> TacredFile.read(file))
        .isInstanceOf(FileException.class)
        .hasMessage(file + message);
    Path twice = Files.writeString(folder.resolve("g.json"), "[" + right + "," + right + "]");
    assertThatThrownBy(() -> TacredFile.read(twice))
        .hasMessage(twice + ": example 'a' is there twice, expected each id once");
  }

  @Test
  void filesThatDoNotBelongTogether() {
    expect("no_relation\n", ": 1 lines, expected one for each of the 6 examples of ");
    expect("x\n".repeat(6), ": 'x', expected relations of ");
    expect("no_relation\n\nx\n", ":2: '', expected a relation alone");
    expect("1\tOther\n", ":1: '1?Other', expected a relation alone");
  }

  private void expect(String predictions, String message) {
    assertThatThrownBy(() -> scored(GOLD, predictions))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(folder.resolve("predictions") + message);
  }

  /** Every third prediction says no relation, which leaves precision whole. */
  @Test
  void sentencesOfReDocRed() throws IOException {
    Path gold = SharedData.require("data/relation/redocred-sentence/dev.json.gz");
    List<RelationExample> examples = TacredFile.read(gold);
    assertThat(examples).hasSize(6408);
    List<String> relations = examples.stream().map(RelationExample::relation).toList();
    assertThat(relations.stream().distinct()).hasSize(22);
    int found = 0;
    int there = 0;
    StringBuilder said = new StringBuilder();
    for (int i = 0; i < relations.size(); i++) {
      boolean silent = i % 3 == 0;
      boolean related = !relations.get(i).equals(TacredFile.NO_RELATION);
      there += related ? 1 : 0;
      found += related && !silent ? 1 : 0;
      said.append(silent ? TacredFile.NO_RELATION : relations.get(i)).append('\n');
    }
    Path predictions = Files.writeString(folder.resolve("predictions"), said);
    Scored scored = Scored.of(new TacredScorer(), new ScoredFiles(gold, predictions));
    assertThat(scored.get("items")).isEqualTo(there);
    assertThat(scored.get("precision")).isEqualTo(100);
    assertThat(scored.get("recall")).isEqualTo(100.0 * found / there, within(ROUNDING));
    assertThat(scored.figures().keySet().stream().filter(name -> name.startsWith("f1:")))
        .hasSize(21)
        .isEqualTo(
            relations.stream()
                .distinct()
                .filter(relation -> !relation.equals(TacredFile.NO_RELATION))
                .sorted()
                .map("f1:"::concat)
                .collect(Collectors.toList()));
  }
}
