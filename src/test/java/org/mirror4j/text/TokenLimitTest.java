package org.mirror4j.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenLimitTest {
  private static final List<String> VOCABULARY =
      List.of(
          "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "\"", "means", ".", "a", "b", "c", "##b");

  private static final Template QUOTED = Template.of("means \"{}\" [MASK] .");

  @TempDir Path folder;

  private static String text(Tokenizer tokenizer, int[] ids) {
    return String.join(" ", Arrays.stream(ids).mapToObj(tokenizer::token).toList());
  }

  private static List<String> texts(TokenLimit limit, Tokenizer tokenizer, String... texts) {
    List<String> spelled = new ArrayList<>();
    for (int[] ids : limit.encodeAll(List.of(texts))) {
      spelled.add(text(tokenizer, ids));
    }
    return spelled;
  }

  /** Of what is too long the text is cut, and the template stays whole. */
  @Test
  void theTextWithinATemplateIsCut() {
    try (Tokenizer tokenizer = Tokenizer.wordPiece(VOCABULARY, true)) {
      TokenLimit limit = new TokenLimit(tokenizer, 10, QUOTED);
      assertThat(limit.roomForText()).isEqualTo(5);
      List<Integer> cut = new ArrayList<>();
      int[][] ids = limit.encodeAll(List.of("a b c", "a b c a", "ab ab", "", "."), cut::add);
      assertThat(Arrays.stream(ids).map(one -> text(tokenizer, one)))
          .containsExactly(
              "[CLS] means \" a b c \" [MASK] . [SEP]",
              "[CLS] means \" a b c \" [MASK] . [SEP]",
              "[CLS] means \" a ##b a \" [MASK] . [SEP]",
              "[CLS] means \" \" [MASK] . [SEP]",
              "[CLS] means \" . \" [MASK] . [SEP]");
      assertThat(cut).containsExactly(1, 2);
      assertThat(limit.cutTexts()).isEqualTo(2);
    }
  }

  @Test
  void aPromptIsATemplateWithNothingAfterTheText() {
    try (Tokenizer tokenizer = Tokenizer.wordPiece(VOCABULARY, true)) {
      TokenLimit limit = new TokenLimit(tokenizer, 5, Template.prompt("means "));
      assertThat(texts(limit, tokenizer, "a b", "a b c", "c"))
          .containsExactly("[CLS] means a b [SEP]", "[CLS] means a b [SEP]", "[CLS] means c [SEP]");
      assertThat(limit.cutTexts()).isEqualTo(1);
    }
  }

  /** {@code truncation_side} of the tokenizer's files. */
  @Test
  void aTokenizerThatCutsOnTheLeftKeepsTheEnd() throws IOException {
    Files.write(folder.resolve("vocab.txt"), VOCABULARY);
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"tokenizer_class\": \"BertTokenizer\", \"truncation_side\": \"left\"}");
    try (Tokenizer tokenizer = Tokenizer.open(folder)) {
      assertThat(texts(new TokenLimit(tokenizer, 4), tokenizer, "a b", "a b c", "c b a b"))
          .containsExactly("[CLS] a b [SEP]", "[CLS] b c [SEP]", "[CLS] a b [SEP]");
      assertThat(texts(new TokenLimit(tokenizer, 9, QUOTED), tokenizer, "a b c", "ab c"))
          .containsExactly(
              "[CLS] means \" b c \" [MASK] . [SEP]", "[CLS] means \" ##b c \" [MASK] . [SEP]");
      assertThat(texts(new TokenLimit(tokenizer, 5, Template.of("{} .")), tokenizer, "a b c"))
          .containsExactly("[CLS] b c . [SEP]");
      Template prompt = Template.prompt("[MASK] means ");
      TokenLimit limit = new TokenLimit(tokenizer, 6, prompt);
      assertThat(texts(limit, tokenizer, "a b", "a b c", "ab ab", "means . c"))
          .containsExactly(
              "[CLS] [MASK] means a b [SEP]",
              "[CLS] [MASK] means b c [SEP]",
              "[CLS] [MASK] means a ##b [SEP]",
              "[CLS] [MASK] means . c [SEP]");
      assertThat(limit.cutTexts()).isEqualTo(3);
      // As where its pieces are put around those of a text that was cut alone.
      TemplatePieces pieces = TemplatePieces.of(tokenizer, prompt).orElseThrow();
      assertThat(text(tokenizer, pieces.before())).isEqualTo("[MASK] means");
      assertThat(pieces.after()).isEmpty();
    }
  }

  @Test
  void aTemplateHasToLeaveRoom() {
    try (Tokenizer tokenizer = Tokenizer.wordPiece(VOCABULARY, true)) {
      assertThat(texts(new TokenLimit(tokenizer, 8, QUOTED), tokenizer, "a b"))
          .containsExactly("[CLS] means \" a \" [MASK] . [SEP]");
      assertThatThrownBy(() -> new TokenLimit(tokenizer, 7, QUOTED))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "the template has 5 tokens, expected at most 4, as a maximum length of 7 must leave"
                  + " room for text");
      assertThatThrownBy(() -> new TokenLimit(tokenizer, 3, Template.prompt("a ")))
          .hasMessageStartingWith("the prompt has 1 tokens, expected at most 0");
    }
  }

  @Test
  void whatTemplatesAre() {
    assertThat(QUOTED).hasToString("means \"{}\" [MASK] .");
    assertThat(QUOTED.apply("b")).isEqualTo("means \"b\" [MASK] .");
    assertThat(QUOTED.isPrompt()).isFalse();
    assertThat(Template.of("query: {}")).isEqualTo(Template.prompt("query: "));
    assertThat(Template.of("{}")).isEqualTo(Template.NONE);
    assertThat(QUOTED.spelled("<mask>")).hasToString("means \"{}\" <mask> .");
    assertThat(QUOTED.masksAfterText()).isTrue();
    assertThat(Template.of("[MASK] is {}").masksAfterText()).isFalse();
    for (String wrong : List.of("", "a", "{} and {}", "{ }")) {
      assertThatThrownBy(() -> Template.of(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "template is '%s', expected {} once, where the text is to stand".formatted(wrong));
    }
  }
}
