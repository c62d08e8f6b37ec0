package org.mirror4j.eval.linking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConceptNamesTest {
  private static final Path FILE = Path.of("names.txt");

  @Test
  void eachNameOnceWithAllItsConcepts() {
    ConceptNames names =
        ConceptNames.read(
            FILE,
            List.of(
                "C567755|613097||Tooth Agenesis, Selective, 6|STHAG6",
                "",
                "MESH:D1||sthag6",
                "D2||(+)|D-two"));
    assertThat(names.names()).containsExactly("tooth agenesis selective 6", "sthag6", "d two");
    assertThat(names.concepts().get("sthag6")).containsExactly("C567755", "613097", "D1");
    assertThat(names.known()).containsExactlyInAnyOrder("C567755", "613097", "D1", "D2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"name", "||name", "D1|name", "D1||a||b", "-1||name"})
  void otherLines(String line) {
    assertThatThrownBy(() -> ConceptNames.read(FILE, List.of("D1||a", line)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("names.txt:2: ")
        .hasMessageEndingWith(", expected an identifier, || and a name");
  }

  @ParameterizedTest
  @CsvSource({
    "Tooth Agenesis-Selective_6, tooth agenesis selective 6",
    "'  (X)\u00a0-linked ', x linked",
    "naïve Ä, naïve ä"
  })
  void normalized(String name, String expected) {
    assertThat(ConceptNames.normalized(name)).isEqualTo(expected);
  }
}
