package org.mirror4j.lucene;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.file.FileException;
import org.mirror4j.lucene.ItemLines.Form;
import org.mirror4j.text.TextException;

class ItemLinesTest {
  @TempDir Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("corpus.txt"), text);
  }

  private List<Item> read(String text, Form form) throws IOException {
    List<Item> items = new ArrayList<>();
    try (ItemLines lines = ItemLines.open(file(text), form)) {
      lines.forEachRemaining(items::add);
    }
    return items;
  }

  /** Blank lines count for the numbers of those after them. */
  @Test
  void texts() throws Exception {
    assertThat(read("a cup\n\n \t\nof tea \r\nno end", null))
        .containsExactly(new Item("1", "a cup"), new Item("4", "of tea "), new Item("5", "no end"));
    assertThat(read("a|b\nc||d\n e\tf", null)).extracting(Item::id).containsExactly("1", "2", "3");
  }

  @Test
  void names() throws Exception {
    assertThat(read("D1|613097|| Tooth, selective |STHAG6\n\nD1||other\tname\n", null))
        .containsExactly(
            new Item("D1|613097", "Tooth, selective"),
            new Item("D1|613097", "STHAG6"),
            new Item("D1", "other\tname"));
  }

  @Test
  void tabs() throws Exception {
    assertThat(read("7\ta cup\n7\tof | tea\n", null))
        .containsExactly(new Item("7", "a cup"), new Item("7", "of | tea"));
  }

  @Test
  void asTold() throws Exception {
    assertThat(read("7\ta cup\n8||of tea\n", Form.TEXT))
        .containsExactly(new Item("1", "7\ta cup"), new Item("2", "8||of tea"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"no separator", "D2||", "||name", " || ", "D2||a||b", "D2||a||"})
  void linesThatAreNoNames(String line) {
    assertThatThrownBy(() -> read("D1||name\n" + line + "\n", null))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(
            "%s: line 2: '%s', expected an identifier, || and a text"
                .formatted(folder.resolve("corpus.txt"), line));
  }

  @Test
  void emptyNamesAreLeftOut() throws Exception {
    try (ItemLines lines = ItemLines.open(file("D1||a cup|\n"), null)) {
      assertThat(lines.next()).isEqualTo(new Item("D1", "a cup"));
      assertThat(lines.hasNext()).isFalse();
      assertThat(lines.remarks()).containsExactly("1 empty names are left out");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"no separator", "7\t", "\ttext", "7\ta\tb"})
  void linesWithoutAnIdentifierAndATab(String line) {
    assertThatThrownBy(() -> read("1\ttext\n" + line + "\n", null))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("corpus.txt: line 2: ")
        .hasMessageContaining("expected an identifier, a tab and a text");
  }

  @Test
  void longLinesAreCutAndSaid() throws Exception {
    try (ItemLines lines =
        ItemLines.open(file("\n" + "x".repeat(ItemLines.LINE_CHARACTERS + 1) + "\n"), null)) {
      assertThat(lines.next().text()).hasSize(ItemLines.LINE_CHARACTERS);
      assertThat(lines.hasNext()).isFalse();
      assertThat(lines.remarks())
          .containsExactly(
              "1 blank lines are passed over", "1 lines are cut at 100,000 characters");
    }
  }

  @Test
  void absentAndEmpty() throws Exception {
    assertThatThrownBy(() -> ItemLines.open(folder.resolve("absent"), null))
        .isInstanceOf(TextException.class)
        .hasMessageContaining("absent does not exist");
    assertThatThrownBy(() -> read("", null))
        .isInstanceOf(TextException.class)
        .hasMessageContaining("corpus.txt is empty");
    assertThat(read("\n \n", null)).isEmpty();
  }
}
