package org.mirror4j.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ByteLevelTest {
  @Test
  void piecesAreBytesOfUtf8() {
    assertThat(ByteLevel.text("\u0120low")).contains(" low");
    assertThat(ByteLevel.text("\u010a")).contains("\n");
    assertThat(ByteLevel.text("\u00c3\u00a9")).contains("\u00e9");
    assertThat(ByteLevel.text("\u00f0\u0141\u013a\u0122")).contains("\ud83d\ude00");
    assertThat(ByteLevel.text("\u00c3")).contains("\ufffd");
    assertThat(ByteLevel.text("")).contains("");
    assertThat(ByteLevel.text("a b")).isEmpty();
    assertThat(ByteLevel.text("\u0144")).isEmpty();
  }

  /** Those of ASCII are themselves but for the blank and the control characters. */
  @Test
  void everyByteHasItsCharacter() {
    String alphabet =
        IntStream.rangeClosed(0, 0x143)
            .filter(c -> ByteLevel.text(String.valueOf((char) c)).isPresent())
            .mapToObj(c -> String.valueOf((char) c))
            .collect(Collectors.joining());
    assertThat(alphabet).hasSize(256);
    String ascii =
        alphabet
            .chars()
            .filter(c -> c < 0x80)
            .mapToObj(c -> String.valueOf((char) c))
            .collect(Collectors.joining());
    assertThat(ByteLevel.text(ascii)).contains(ascii);
    assertThat(ascii).hasSize(94);
  }
}
