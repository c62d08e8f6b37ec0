package org.mirror4j.text;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The alphabet of byte-level BPE (Radford et al. 2019), in which each byte is a character that can
 * be seen: those of Latin-1 that can are themselves, and the other 68 are U+0100 and after it, in
 * order.
 */
final class ByteLevel {
  private static final Map<Character, Byte> BYTES = new HashMap<>();

  static {
    int next = 0x100;
    for (int value = 0; value < 0x100; value++) {
      boolean seen = value > ' ' && value < 0x7f || value > 0xa0 && value != 0xad;
      BYTES.put((char) (seen ? value : next++), (byte) value);
    }
  }

  private ByteLevel() {}

  /**
   * The text of a piece, U+FFFD for what is no whole character.
   *
   * @return empty for one with a character outside the alphabet, as added tokens may have
   */
  static Optional<String> text(String piece) {
    byte[] bytes = new byte[piece.length()];
    for (int i = 0; i < bytes.length; i++) {
      Byte value = BYTES.get(piece.charAt(i));
      if (value == null) {
        return Optional.empty();
      }
      bytes[i] = value;
    }
    return Optional.of(new String(bytes, StandardCharsets.UTF_8));
  }
}
