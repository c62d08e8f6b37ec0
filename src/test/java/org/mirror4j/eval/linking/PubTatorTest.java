package org.mirror4j.eval.linking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PubTatorTest {
  private static final Path FILE = Path.of("corpus.txt");

  private static final List<String> LINES =
      """

      1|t|Wilson disease (WD) in man.
      1|a|We saw WD|PD and more.
      1\t0\t14\tWilson disease\tSpecificDisease\tMESH:D006527
      1\t5\t7\tWD\tModifier\tD006527
      1\t5\t7\tdrug\tChemical\tD1
      1\tCID\tD1\tD006527

      2|t|WD and its kind.
      2|a|
      2\t0\t2\tWD\tSpecificDisease\t-1
      2\t0\t2\tbreast and ovarian cancer\tCompositeMention\tOMIM:1|D2
      2\t0\t2\trenal and liver function\tDisease\tD3|D4\trenal function|liver function
      """
          .lines()
          .toList();

  private static Mention mention(String parts, String... concepts) {
    return new Mention(List.of(parts.split(";")), new LinkedHashSet<>(List.of(concepts)));
  }

  @Test
  void everyMentionWithWhatItsDocumentExplains() {
    assertThat(PubTator.read(FILE, LINES, type -> !type.equals("Chemical")))
        .containsExactly(
            mention("wilson disease", "D006527"),
            mention("wilson disease", "D006527"),
            mention("wd"),
            mention("breast cancer;ovarian cancer", "1", "D2"),
            mention("renal function;liver function", "D3", "D4"));
    assertThat(PubTator.read(FILE, LINES, "Chemical"::equals))
        .containsExactly(mention("drug", "D1"));
    assertThat(PubTator.isOne(LINES)).isTrue();
    assertThat(PubTator.isOne(List.of("D1||name"))).isFalse();
    assertThat(PubTator.isOne(List.of(""))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1\t0\t2\t \tDisease\tD1", "1\t0\t2\tWD\tDisease\tD1\t|"})
  void aMentionOfNothing(String line) {
    List<String> lines = List.of("1|t|Title", line);
    assertThatThrownBy(() -> PubTator.read(FILE, lines, type -> true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("corpus.txt:2: ")
        .hasMessageEndingWith(", expected a mention with letters or digits");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"text", "1|b|text", "1\t0\t2\tWD\tDisease", "1\tx\t2\tWD\tDisease\tD1", "\t\t"})
  void otherLines(String line) {
    List<String> lines = List.of("1|t|Title", line + "z");
    assertThatThrownBy(() -> PubTator.read(FILE, lines, type -> true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("corpus.txt:2: ")
        .hasMessageEndingWith(
            "expected PubTator's id|t|title, id|a|abstract or an annotation of 6 fields");
  }
}
