package org.mirror4j.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Bytes as the encoding is described by its makers. */
class ProtobufWriterTest {
  private static String hex(ProtobufWriter message) {
    return HexFormat.ofDelimiter(" ").formatHex(message.toByteArray());
  }

  @Test
  void integersInGroupsOfSevenBits() {
    assertThat(hex(new ProtobufWriter().number(1, 150))).isEqualTo("08 96 01");
    assertThat(hex(new ProtobufWriter().number(1, 0))).isEqualTo("08 00");
    assertThat(hex(new ProtobufWriter().number(16, 127))).isEqualTo("80 01 7f");
    assertThat(hex(new ProtobufWriter().number(1, -2)))
        .isEqualTo("08 fe ff ff ff ff ff ff ff ff 01");
    assertThat(hex(new ProtobufWriter().lengthOf(2, 1L << 32))).isEqualTo("12 80 80 80 80 10");
  }

  @Test
  void textsMessagesAndFloats() {
    assertThat(hex(new ProtobufWriter().text(2, "testing")))
        .isEqualTo("12 07 74 65 73 74 69 6e 67");
    assertThat(hex(new ProtobufWriter().message(3, new ProtobufWriter().number(1, 150))))
        .isEqualTo("1a 03 08 96 01");
    assertThat(hex(new ProtobufWriter().real(2, -1.5f))).isEqualTo("15 00 00 c0 bf");
    assertThat(hex(new ProtobufWriter().real64(1, -1.5))).isEqualTo("09 00 00 00 00 00 00 f8 bf");
    assertThat(hex(new ProtobufWriter().text(1, "é"))).isEqualTo("0a 02 c3 a9");
  }
}
