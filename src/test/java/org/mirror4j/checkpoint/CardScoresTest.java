package org.mirror4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.file.FileException;

class CardScoresTest {
  private static final String BEGIN =
      "<!-- scores: replaced by the next evaluation that writes them -->";
  private static final String END = "<!-- end of scores -->";

  @TempDir Path model;

  private Path card() {
    return model.resolve("README.md");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "# A model\n", "# A model", "# A model\r\n\r\nOf mine.\r\n", "\u00e9"})
  void whatIsThereStaysAndScoresAreReplaced(String before) throws IOException {
    if (!before.isEmpty()) {
      Files.writeString(card(), before);
    }
    CardScores.in(model).write("| 1 |\n");
    String first = Files.readString(card());
    assertThat(first)
        .startsWith(before)
        .endsWith(BEGIN + "\n## Scores\n\n| 1 |\n" + END + "\n")
        .matches("(?s)(|.*\\n\\R?)<!-- scores.*");
    CardScores.in(model).write("| 2 |\n| 3 |\n");
    assertThat(card()).hasContent(first.replace("| 1 |", "| 2 |\n| 3 |"));
  }

  /** By hand, on a system with other line ends. */
  @Test
  void textMayBeWrittenAroundTheScores() throws IOException {
    Files.writeString(card(), "Above\r\n" + BEGIN + "\r\nold\r\n" + END + "\r\nBelow");
    CardScores.in(model).write("new\n");
    assertThat(Files.readString(card()))
        .isEqualTo("Above\r\n" + BEGIN + "\n## Scores\n\nnew\n" + END + "\r\nBelow");
  }

  @ParameterizedTest
  @ValueSource(strings = {"B", "E", "EB", "BEB", "BBE", "BEE", "BEBE"})
  void commentsThatAreNoPairAreRefused(String marks) throws IOException {
    String card =
        "Mine\n"
            + marks
                .chars()
                .mapToObj(mark -> (mark == 'B' ? BEGIN : END) + "\n")
                .collect(Collectors.joining());
    Files.writeString(card(), card);
    assertThatThrownBy(() -> CardScores.in(model))
        .isInstanceOf(FileException.class)
        .hasMessage("%s: expected %s once and %s once after it, or neither", card(), BEGIN, END);
    assertThat(Files.readString(card())).isEqualTo(card);
  }

  /** In a cache, models have one file of the same content. */
  @Test
  void aLinkIsRefused() throws IOException {
    Path shared = Files.writeString(model.resolve("blob"), "# A model\n");
    Files.createSymbolicLink(card(), shared);
    assertThatThrownBy(() -> CardScores.in(model))
        .isInstanceOf(FileException.class)
        .hasMessage(card() + ": is a link, expected a file of this model alone");
  }

  @Test
  void aCardThatIsNoTextIsRefused() throws IOException {
    Files.write(card(), new byte[] {'a', (byte) 0xff});
    assertThatThrownBy(() -> CardScores.in(model))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(card() + ": cannot be read");
  }
}
