package org.mirror4j.task.relation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.file.FileException;
import org.mirror4j.support.SharedData;
import org.mirror4j.task.Found;
import org.mirror4j.task.Scored;
import org.mirror4j.task.ScoredFiles;
import org.mirror4j.task.TextSpan;
import org.mirror4j.task.relation.SemEvalEvaluation.Way;

class SemEvalScorerTest {
  /** A few roundings of numbers up to 100. */
  private static final double ROUNDING = 1e-13;

  private static final String KEY =
      """
      1\tCause-Effect(e1,e2)
      2\tCause-Effect(e1,e2)
      3\tCause-Effect(e2,e1)
      4\tEntity-Origin(e1,e2)
      5\tOther
      6\tOther
      """;

  @TempDir Path folder;

  private Scored scored(String gold, String answers) {
    return Scored.of(new SemEvalScorer(), folder, gold, answers);
  }

  @Test
  void byHand() {
    // Right, wrong direction, wrong relation, a relation that the key lacks; 6 is skipped.
    Scored scored =
        scored(
            KEY,
            """
            5\tCause-Effect(e2,e1)
            1\tCause-Effect(e1,e2)
            2\tCause-Effect(e2,e1)
            3\tEntity-Origin(e1,e2)
            4\tMessage-Topic(e1,e2)
            """);
    // Cause-Effect: right 1 of 3 found and 3 there; Entity-Origin: 0 of 1 and 1.
    assertThat(scored.get("precision:Cause-Effect")).isCloseTo(100.0 / 3, within(ROUNDING));
    assertThat(scored.get("recall:Cause-Effect")).isCloseTo(100.0 / 3, within(ROUNDING));
    assertThat(scored.get("f1:Cause-Effect")).isCloseTo(100.0 / 3, within(ROUNDING));
    assertThat(scored.get("f1:Entity-Origin")).isZero();
    assertThat(scored.get("f1:Other")).isZero();
    assertThat(scored.get("f1")).isCloseTo(100.0 / 6, within(ROUNDING));
    // Together 1 of 4 and of 4.
    assertThat(scored.get("f1:micro")).isEqualTo(25);
    // Without directions 2 of 3 and of 3.
    assertThat(scored.get("f1:undirected-macro")).isCloseTo(100.0 / 3, within(ROUNDING));
    assertThat(scored.get("f1:undirected-micro")).isEqualTo(50);
    // Of 18 classes the key has three: 1 of 1 and 2, 0 of 2 and 1, 0 of 1 and 1.
    assertThat(scored.get("f1:19-way-macro")).isCloseTo(100 * 2.0 / 9, within(ROUNDING));
    assertThat(scored.get("f1:19-way-micro")).isEqualTo(25);
    assertThat(scored.get("coverage")).isCloseTo(100 * 5.0 / 6, within(ROUNDING));
    assertThat(scored.get("accuracy:answered")).isEqualTo(20);
    assertThat(scored.get("accuracy:skipped-wrong")).isCloseTo(100.0 / 6, within(ROUNDING));
    assertThat(scored.get("accuracy:skipped-other")).isCloseTo(100.0 / 3, within(ROUNDING));
    assertThat(scored.notices())
        .containsExactly(folder.resolve("predictions") + ": 1 of 6 sentences have no answer");
  }

  @Test
  void aKeyOfOtherAlone() {
    Scored scored = scored("1\tOther\n", "1\tOther\n");
    assertThat(scored.get("f1")).isNaN();
    assertThat(scored.get("f1:Other")).isEqualTo(100);
    assertThat(scored.get("f1:micro")).isZero();
  }

  @Test
  void sentences() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("f"),
            """
            8001\t"The "<e1>old cat</e1>" sat on <e2>mats</e2>."
            Entity-Origin(e2,e1)
            Comment: none

            7\t"<e1>a</e1><e2>b</e2>"
            Other
            """);
    List<SemEvalSentence> sentences = SemEvalFile.read(file, notice -> {});
    assertThat(sentences)
        .containsExactly(
            new SemEvalSentence(
                "8001",
                "The \"old cat\" sat on mats.",
                new TextSpan(5, 12),
                new TextSpan(21, 25),
                "Entity-Origin(e2,e1)"),
            new SemEvalSentence("7", "ab", new TextSpan(0, 1), new TextSpan(1, 2), "Other"));
    for (String before : List.of("", "\n \n")) {
      Scored scored = scored(before + Files.readString(file), "7\tOther\n8001\tOther\n");
      assertThat(scored.get("coverage")).isEqualTo(100);
    }
    // Labels that are not looked at may be anything.
    Files.writeString(file, Files.readString(file).replace("Other\n", "Other \n"));
    assertThat(SemEvalFile.sentences(file, notice -> {}))
        .extracting(SemEvalSentence::text)
        .containsExactly("The \"old cat\" sat on mats.", "ab");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          1_"<e1>a</e1> b";Other                     | :1: the marks <e1> </e1>, expected <e1>...</e1> and then <e2>...</e2> round a part of the sentence each
          1_"<e1></e1> <e2>b</e2>";Other             | :1: the marks <e1> </e1> <e2> </e2>, expected
          1_"<e1>a<e2>b</e1></e2>";Other             | :1: the marks <e1> <e2> </e1> </e2>, expected
          1_"a b";Other                              | :1: no marks, expected
          1_"<e1>a</e1> <e2>b</e2>"                  | :2: '', expected Other or one of Cause-Effect,
          1_"<e1>a</e1> <e2>b</e2>";Cause-Efect(e1,e2) | :2: 'Cause-Efect(e1,e2)', expected Other or one of
          1_"<e1>a</e1> <e2>b</e2>";Other;;1_"<e1>a</e1> <e2>b</e2>";Other | :4: the id '1' is that of line 1, expected each once
          1_"<e1>a</e1> <e2>b</e2>";Other;note       | :3: 'note', expected a number, a tab and a sentence in double quotes
          1_Other;x_Other                            | :2: 'x?Other', expected a number, a tab and a relation
          1_Other;1_Other                            | :2: the id '1' is that of line 1, expected each once
          1_no_relation                              | :1: '1?no?relation', expected a number, a tab and a relation
          """)
  void annotationsThatAreWrong(String gold, String message) {
    String text = gold.replace('_', '\t').replace(';', '\n') + "\n";
    assertThatThrownBy(() -> scored(text, "1\tOther\n"))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(folder.resolve("gold") + message);
  }

  @Test
  void whatMayHaveBeenMeantIsSaid() {
    assertThatThrownBy(() -> scored(KEY, "1\tCause-Effects(e1,e2)\n"))
        .hasMessageStartingWith(folder.resolve("predictions") + ":1: 'Cause-Effects(e1,e2)', ")
        .hasMessageEndingWith("did you mean Cause-Effect(e1,e2)?");
  }

  @Test
  void anAnswerToNoSentence() {
    assertThatThrownBy(() -> scored(KEY, "1\tOther\n7\tOther\n"))
        .isInstanceOf(FileException.class)
        .hasMessage(
            "%s: id '7' is that of no sentence of %s"
                .formatted(folder.resolve("predictions"), folder.resolve("gold")));
  }

  private static final Pattern RELATION =
      Pattern.compile(" *(\\S+) : +P = .*? = +([\\d.]+)% +R = .*? = +([\\d.]+)% +F1 = +([\\d.]+)%");
  private static final Pattern MICRO =
      Pattern.compile("P = .*/.* = +([\\d.]+)% +R = .* = +([\\d.]+)% +F1 = +([\\d.]+)%");
  private static final Pattern MACRO =
      Pattern.compile("P = +([\\d.]+)%\tR = +([\\d.]+)%\tF1 = +([\\d.]+)%");

  /** All that the official scorer prints of its examples, in its two decimals. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void officialExamples(int number) throws IOException {
    Path fixtures = SharedData.require("data/relation/semeval2010-task8/scorer-fixtures");
    Path key = fixtures.resolve("answer_key" + number + ".txt");
    Path answers = fixtures.resolve("proposed_answer" + number + ".txt");
    Map<String, String> keys = SemEvalFile.labels(key, notice -> {});
    Map<String, String> proposed = SemEvalFile.answers(answers, notice -> {});
    String results = Files.readString(fixtures.resolve("result_scores" + number + ".txt"));
    String[] ways = results.split("<<< \\(", -1);
    assertThat(ways).hasSize(4);
    Scored scored = Scored.of(new SemEvalScorer(), new ScoredFiles(key, answers));
    compare(ways[1], SemEvalEvaluation.of(keys, proposed, Way.NINETEEN), scored, "19-way-");
    compare(ways[2], SemEvalEvaluation.of(keys, proposed, Way.UNDIRECTED), scored, "undirected-");
    compare(ways[3], SemEvalEvaluation.of(keys, proposed, Way.DIRECTED), scored, "");

    Matcher percents = Pattern.compile("= +([\\d.]+)%").matcher(ways[3]);
    for (String name : List.of("coverage", "accuracy:answered", "accuracy:skipped-wrong")) {
      assertThat(percents.find()).isTrue();
      assertThat(twoDecimals(scored.get(name))).as(name).isEqualTo(percents.group(1));
    }
    // Of the last the official scorer prints the count, and the percentage of the one before.
    Matcher counts = Pattern.compile("as Other\\) = (\\d+)/(\\d+)").matcher(ways[3]);
    assertThat(counts.find()).isTrue();
    assertThat(scored.get("accuracy:skipped-other"))
        .isCloseTo(
            100.0 * Integer.parseInt(counts.group(1)) / Integer.parseInt(counts.group(2)),
            within(ROUNDING));
    assertThat(results)
        .endsWith("macro-averaged F1 = %s%% >>>\n".formatted(twoDecimals(scored.get("f1"))));
  }

  private static void compare(
      String printed, SemEvalEvaluation evaluation, Scored scored, String prefix) {
    List<MatchResult> relations = RELATION.matcher(printed).results().toList();
    assertThat(relations)
        .extracting(relation -> relation.group(1).replace("_", ""))
        .isEqualTo(List.copyOf(evaluation.relations().keySet()));
    for (MatchResult relation : relations) {
      Found found = evaluation.relations().get(relation.group(1).replace("_", ""));
      assertThat(List.of(found.precision(), found.recall(), found.f1()))
          .as(relation.group())
          .extracting(value -> twoDecimals(100 * value))
          .containsExactly(relation.group(2), relation.group(3), relation.group(4));
    }
    compare(MICRO, printed, scored, prefix + "micro");
    compare(MACRO, printed, scored, prefix.isEmpty() ? "" : prefix + "macro");
  }

  private static void compare(Pattern line, String printed, Scored scored, String part) {
    // The last one, as lines of relations hold the same.
    MatchResult match = line.matcher(printed).results().toList().getLast();
    String suffix = part.isEmpty() ? "" : ":" + part;
    assertThat(List.of("precision", "recall", "f1"))
        .as(part)
        .extracting(name -> twoDecimals(scored.get(name + suffix)))
        .containsExactly(match.group(1), match.group(2), match.group(3));
  }

  private static String twoDecimals(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  @Test
  void publishedSentences() {
    Path folder = SharedData.require("data/relation/semeval2010-task8");
    List<SemEvalSentence> train =
        SemEvalFile.read(folder.resolve("TRAIN_FILE.TXT.gz"), notice -> {});
    List<SemEvalSentence> test =
        SemEvalFile.read(folder.resolve("TEST_FILE_FULL.TXT"), notice -> {});
    assertThat(train).hasSize(8000);
    assertThat(test).hasSize(2717);
    assertThat(train.stream().filter(s -> s.label().equals(SemEvalFile.OTHER))).hasSize(1410);
    assertThat(test.stream().filter(s -> s.label().equals(SemEvalFile.OTHER))).hasSize(454);
    assertThat(test.getFirst().first().of(test.getFirst().text())).isEqualTo("audits");
    assertThat(test.getFirst().second().of(test.getFirst().text())).isEqualTo("waste");
  }
}
