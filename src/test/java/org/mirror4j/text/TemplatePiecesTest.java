package org.mirror4j.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TemplatePiecesTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  /** Ids of the whole are those of its parts, also of texts that would go on a word. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "the {} is [MASK] .",
        "what is: {}",
        "[MASK]{}[MASK]",
        "\"{}\" , the cat",
        "{} !",
        "(the cat){}-bird"
      })
  void partsOfTheWhole(String written) {
    Template template = Template.of(written);
    try (Tokenizer tokenizer = Tokenizer.open(GOLDEN.resolve("bert"))) {
      TemplatePieces pieces = TemplatePieces.of(tokenizer, template).orElseThrow();
      Template spelled = template.spelled(tokenizer.maskToken());
      for (String text :
          new String[] {"", " ", "cat", "##s", "ing", "'s", "\u0301a", "[MASK]", "MASK]", "中"}) {
        int[] joined =
            Stream.of(pieces.before(), tokenizer.encodePieces(text), pieces.after())
                .flatMapToInt(IntStream::of)
                .toArray();
        assertThat(tokenizer.encodePieces(spelled.apply(text))).as(text).isEqualTo(joined);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"the{}", "the {}s", "{}x", "é{}"})
  void whatTouchesTheTextHasNone(String template) {
    try (Tokenizer tokenizer = Tokenizer.open(GOLDEN.resolve("bert"))) {
      assertThat(TemplatePieces.of(tokenizer, Template.of(template))).isEmpty();
    }
  }

  /** Its pieces hold the blank before a word. */
  @Test
  void norHasAnyOfRoberta() {
    try (Tokenizer tokenizer = Tokenizer.open(GOLDEN.resolve("roberta"))) {
      assertThat(TemplatePieces.of(tokenizer, Template.of("the {} ."))).isEmpty();
      assertThat(TemplatePieces.of(tokenizer, Template.NONE).orElseThrow().before()).isEmpty();
    }
  }
}
