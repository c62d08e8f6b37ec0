package org.mirror4j.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {
  /** Names of files and labels may hold anything. */
  @Test
  void whatWouldEndACellOrARowOfMarkdown() {
    TextTable table =
        new TextTable(
            List.of(List.of("task", "a|b"), List.of("two\nlines", "1"), List.of("", "2")), 1);
    assertThat(table.markdown())
        .isEqualTo(
            """
            | task | a\\|b |
            | :-- | --: |
            | two lines | 1 |
            |  | 2 |
            """);
  }
}
