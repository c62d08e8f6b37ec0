package org.mirror4j.task.coreference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.task.Scored;
import org.mirror4j.task.ScoredFiles;
import org.mirror4j.text.TextException;

/** Cases computed by hand: each letter is a mention, each group of letters a chain. */
class CoreferenceScorerTest {
  /** The figures are a few sums and quotients of small whole numbers in double. */
  private static final Offset<Double> ROUNDING = within(1e-12);

  @TempDir private Path folder;

  private static List<Chain> chains(String groups) {
    List<Chain> chains = new ArrayList<>();
    for (String group : groups.isBlank() ? new String[0] : groups.trim().split(" ")) {
      chains.add(
          new Chain(
              chains.size(),
              group.chars().mapToObj(letter -> new Mention(letter, letter)).toList()));
    }
    return chains;
  }

  private static CoreferenceCounts counts(String key, String response) {
    return CoreferenceCounts.of(chains(key), chains(response));
  }

  private static void assertFractions(
      Fractions fractions, double recalled, double recallOf, double precise, double precisionOf) {
    assertThat(fractions.recalled()).isCloseTo(recalled, ROUNDING);
    assertThat(fractions.recallOf()).isEqualTo(recallOf);
    assertThat(fractions.precise()).isCloseTo(precise, ROUNDING);
    assertThat(fractions.precisionOf()).isEqualTo(precisionOf);
  }

  /** A singleton missed, a chain split, one mention of the other's and a twinless one. */
  @Test
  void chainsSplitAndMerged() {
    CoreferenceCounts counts = counts("abcd ef g", "ab cdex f");
    assertFractions(counts.mentions(), 6, 7, 6, 7);
    // Links a-b and c-d of 3 + 1 + 0 and 1 + 3 + 0.
    assertFractions(counts.muc(), 2, 4, 2, 4);
    // a, b, c, d: 2 of 4 each; e, f: 1 of 2 each. Of the response: 2/2, 2/2, 2/4, 2/4, 1/4, 1/1.
    assertFractions(counts.bCubed(), 3, 7, 4.25, 7);
    // abcd with ab or cdex (2), ef with the other: cdex 1 and f 1. The best is 2 + 1.
    assertFractions(counts.ceafMentions(), 3, 7, 3, 7);
    // abcd-ab 4/6 or abcd-cdex 4/8, ef-cdex 2/6 or ef-f 2/3: the best is 2/3 + 2/3.
    assertFractions(counts.ceafEntities(), 4.0 / 3, 3, 4.0 / 3, 3);
    // Within: key 6 + 1, response 1 + 6, both ab and cd.
    assertFractions(counts.blanc().links(), 2, 7, 2, 7);
    // Across: key 4*2 + 4 + 2, response 2*4 + 2 + 4; both ae af be bf cf df.
    assertFractions(counts.blanc().others(), 6, 14, 6, 14);
  }

  @Test
  void figuresAreTimesHundredAndConllIsTheMeanOfThree() {
    List<MetricFigures> figures = counts("abcd ef g", "ab cdex f").figures();
    assertThat(figures.stream().map(MetricFigures::metric))
        .containsExactly("mentions", "muc", "bcub", "ceafm", "ceafe", "blanc", "conll");
    double bCubed = 2 * (3.0 / 7) * (4.25 / 7) / (7.25 / 7);
    assertThat(figures.get(2).f1()).isCloseTo(100 * bCubed, within(1e-10));
    MetricFigures conll = figures.getLast();
    assertThat(conll.f1()).isCloseTo(100 * (0.5 + bCubed + 4.0 / 9) / 3, within(1e-10));
    assertThat(conll.precision()).isCloseTo(100 * (0.5 + 4.25 / 7 + 4.0 / 9) / 3, within(1e-10));
    assertThat(conll.recall()).isCloseTo(100 * (0.5 + 3.0 / 7 + 4.0 / 9) / 3, within(1e-10));
  }

  @Test
  void ofRepeatedMentionsOfTheKeyTheFirstCounts() {
    // The second b goes; the x that nobody asked for stay, both the same mention.
    CoreferenceCounts counts = counts("ab", "bx abx");
    assertThat(counts.repeated()).isEqualTo(1);
    assertFractions(counts.mentions(), 2, 2, 2, 3);
    assertFractions(counts.muc(), 0, 1, 0, 2);
    assertFractions(counts.bCubed(), 1, 2, 1, 4);
    assertFractions(counts.ceafMentions(), 1, 2, 1, 4);
    // Pairs bx and ax within, across ab, bx, ax and x with itself.
    assertFractions(counts.blanc().links(), 0, 1, 0, 2);
    assertFractions(counts.blanc().others(), 0, 0, 0, 4);
    // A chain that loses all its mentions is none.
    assertFractions(counts("ab", "ab a").ceafEntities(), 1, 1, 1, 1);
  }

  @Test
  void aMentionOfTwoChainsOfTheKeyCountsTwice() {
    CoreferenceCounts counts = counts("ab bc", "abc");
    assertFractions(counts.mentions(), 3, 3, 3, 3);
    // b is looked up in the last of its chains: the links are b-c alone.
    assertFractions(counts.muc(), 1, 2, 1, 2);
    // a: 2 of ab; b, c: 2 of bc.
    assertFractions(counts.bCubed(), 3, 4, 2, 3);
    assertFractions(counts.ceafMentions(), 2, 4, 2, 3);
    // Across: ab, ac, bc, and b with itself.
    assertFractions(counts.blanc().links(), 2, 2, 2, 3);
    assertFractions(counts.blanc().others(), 0, 4, 0, 0);
  }

  @ParameterizedTest
  @CsvSource({
    // Where the key has no links of a kind the other kind is all; ab, ac, bc across.
    "a b c, a bc, 66.66666666666667, 100",
    "abc, ab c, 33.333333333333336, 100",
    "a, a, 0, 0",
    "'', ab, 0, 0"
  })
  void blancOfOneKindOfLinks(String key, String response, double recall, double precision) {
    MetricFigures blanc = counts(key, response).blanc().figures("blanc");
    assertThat(blanc.recall()).isCloseTo(recall, ROUNDING);
    assertThat(blanc.precision()).isCloseTo(precision, ROUNDING);
  }

  @Test
  void nothingIsNought() {
    for (MetricFigures figures : counts("", "").figures()) {
      assertThat(figures).isEqualTo(new MetricFigures(figures.metric(), 0, 0, 0));
    }
    for (MetricFigures figures : counts("ab c", "").figures()) {
      assertThat(figures).isEqualTo(new MetricFigures(figures.metric(), 0, 0, 0));
    }
  }

  private Path write(String name, String... documents) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String document : documents) {
      String[] columns = document.split(" ");
      text.append("#begin document (").append(columns[0]).append("); part 0\n");
      for (int i = 1; i < columns.length; i++) {
        text.append(columns[0]).append(' ').append(columns[i]).append('\n');
      }
      text.append("\n#end document\n");
    }
    return Files.writeString(folder.resolve(name), text);
  }

  private void assertRefused(Path gold, Path predictions, String message) {
    assertThatThrownBy(() -> CoreferenceScorer.score(gold, predictions, s -> {}))
        .isInstanceOf(TextException.class)
        .hasMessage(message.replace("GOLD", gold + "").replace("PREDICTIONS", predictions + ""));
  }

  @Test
  void documentsAddUp() throws IOException {
    Path gold = write("gold", "d (1) (1)", "e (1) (1) (1)");
    Path predictions = write("predictions", "e (1) (2) (2)", "d (5) (5)");
    // Links 1 of 1 and 1 of 2, not the mean of 1 and 1/2.
    MetricFigures muc = CoreferenceScorer.score(gold, predictions, s -> {}).get(1);
    assertThat(muc.recall()).isCloseTo(100 * 2.0 / 3, within(1e-10));
  }

  @Test
  void theMeanStandsForAll() throws IOException {
    Path gold = write("gold", "d (1) (1)", "e (1) (1) (1)");
    Path predictions = write("predictions", "d (5) (5)", "e (1) (2) (2)");
    Scored scored = Scored.of(new CoreferenceScorer(), new ScoredFiles(gold, predictions));
    assertThat(scored.figures().keySet())
        .hasSize(7 * 3)
        .startsWith("precision", "recall", "f1", "precision:mentions")
        .endsWith("f1:blanc");
    assertThat(scored.get("recall:muc")).isCloseTo(100 * 2.0 / 3, ROUNDING);
    assertThat(scored.get("f1"))
        .isCloseTo(
            (scored.get("f1:muc") + scored.get("f1:bcub") + scored.get("f1:ceafe")) / 3, ROUNDING);
  }

  @Test
  void refusesOtherDocuments() throws IOException {
    Path gold = write("gold", "d (1) (1)", "e (1) (1)");
    assertRefused(
        gold,
        write("predictions", "d (1) (1)"),
        "PREDICTIONS lacks document '(e); part 0', expected those of GOLD");
    assertRefused(
        gold,
        write("predictions", "d (1) (1)", "e - -", "f - -"),
        "PREDICTIONS has document '(f); part 0', expected those of GOLD");
    assertRefused(
        gold,
        write("predictions", "d (1) (1)", "e - - -"),
        "PREDICTIONS: document '(e); part 0' has 3 words, expected 2 as in GOLD");
  }

  @Test
  void refusesManyRepeatedMentions() throws IOException {
    Path gold = write("gold", "d (1) (1)");
    Path ten = write("ten", "d (1)" + "(2)".repeat(10) + " (1)");
    assertThat(CoreferenceScorer.score(gold, ten, s -> {}).get(1).f1()).isEqualTo(100);
    assertRefused(
        gold,
        write("eleven", "d (1)" + "(2)".repeat(11) + " (1)"),
        "PREDICTIONS has 11 mentions of GOLD again in the same or another chain, expected at most"
            + " 10 as in the reference scorer");
  }
}
