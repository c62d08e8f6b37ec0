package org.mirror4j.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BertPreTokenizerTest {
  /** Blocks in which no character is younger than the library's tables. */
  private static final int[][] SETTLED = {
    {0x0000, 0x05FF},
    {0x1E00, 0x2BFF},
    {0x3000, 0xA6EF},
    {0xAC00, 0xD7FF},
    {0xF900, 0xFFFF},
    {0x1F000, 0x2FFFF}
  };

  @Test
  void splitsHardText() {
    assertThat(split("Été\u00A0à—don't 中文x e\u0301İΣΑΣ\u0000\uFFFD\u200B😀!", true))
        .containsExactly("ete", "a", "—", "don", "'", "t", "中", "文", "x", "eiσασ😀", "!");
    assertThat(split("Été e\u0301 İ", false)).containsExactly("Été", "e\u0301", "İ");
    assertThat(split(" \t\r\n\u2028 ", true)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void agreesWithTheLibraryOnEachCharacter(boolean lowerCase) {
    List<List<String>> expected = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    Set<String> vocabulary = new LinkedHashSet<>(WordPieceTrainer.SPECIAL_TOKENS);
    for (int[] block : SETTLED) {
      for (int point = block[0]; point <= block[1]; point++) {
        texts.add("A" + Character.toString(point) + "b");
        expected.add(split(texts.getLast(), lowerCase));
        vocabulary.addAll(expected.getLast());
      }
    }
    // A vocabulary of these very words: another split or spelling would give other pieces.
    try (Tokenizer tokenizer = Tokenizer.wordPiece(List.copyOf(vocabulary), lowerCase)) {
      List<String> different = new ArrayList<>();
      for (int i = 0; i < texts.size(); i++) {
        int[] ids = tokenizer.encodePieces(texts.get(i));
        if (!Arrays.stream(ids).mapToObj(tokenizer::token).toList().equals(expected.get(i))) {
          different.add(Integer.toHexString(texts.get(i).codePointAt(1)));
        }
      }
      assertThat(different).isEmpty();
    }
  }

  private static List<String> split(String text, boolean lowerCase) {
    List<String> words = new ArrayList<>();
    new BertPreTokenizer(lowerCase).split(text, words::add);
    return words;
  }
}
