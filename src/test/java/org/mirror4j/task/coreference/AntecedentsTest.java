package org.mirror4j.task.coreference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AntecedentsTest {
  private static List<Mention> words(int... words) {
    return IntStream.of(words).mapToObj(word -> new Mention(word, word)).toList();
  }

  @Test
  void chainsAreWhatAntecedentsLeadTo() {
    // 4 goes to 1 over 2; 3 to 0; 5 stands alone; 6 to 1 itself.
    assertThat(Antecedents.chains(words(0, 1, 2, 3, 4, 5, 6), new int[] {-1, -1, 1, 0, 2, -1, 1}))
        .containsExactly(new Chain(0, words(0, 3)), new Chain(1, words(1, 2, 4, 6)));
    assertThat(Antecedents.chains(words(0, 1), new int[] {-1, -1})).isEmpty();
    assertThat(Antecedents.chains(List.of(), new int[0])).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, -2})
  void refusesAntecedentsThatComeLater(int antecedent) {
    assertThatThrownBy(() -> Antecedents.chains(words(0, 1), new int[] {-1, antecedent}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the antecedent of span 1 is %d, expected one before it or -1".formatted(antecedent));
  }

  @Test
  void chainsInTheText() {
    CoreferenceDocument document =
        new CoreferenceDocument(
            "d",
            "0",
            List.of(
                new CoreferenceDocument.Sentence(
                    List.of("Ann", "saw", "her", "dog", "."), List.of("-", "-", "-", "-", "-")),
                new CoreferenceDocument.Sentence(List.of("It", "barked"), List.of("-", "-"))),
            List.of(
                new Chain(3, List.of(new Mention(2, 2), new Mention(0, 0))),
                new Chain(12, List.of(new Mention(2, 3), new Mention(5, 5)))));
    assertThat(ChainText.of(document))
        .isEqualTo(
            """
            [Ann]3 saw [[her]3 dog]12 .
            [It]12 barked

            3: Ann | her
            12: her dog | It
            """);
  }
}
