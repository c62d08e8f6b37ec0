package org.mirror4j.serve;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EmbeddingServiceTest {
  @Test
  void textsAreCutWhereTheTokenizerCuts() {
    assertThat(EmbeddingService.cut("abcde", 3, false)).isEqualTo("abc");
    assertThat(EmbeddingService.cut("abcde", 3, true)).isEqualTo("cde");
  }

  @Test
  void noHalfOfACharacterIsLeft() {
    String text = "a\ud83d\ude00b";
    assertThat(EmbeddingService.cut(text, 2, false)).isEqualTo("a");
    assertThat(EmbeddingService.cut(text, 3, false)).isEqualTo("a\ud83d\ude00");
    assertThat(EmbeddingService.cut(text, 2, true)).isEqualTo("b");
    assertThat(EmbeddingService.cut(text, 3, true)).isEqualTo("\ud83d\ude00b");
  }
}
