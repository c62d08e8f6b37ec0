package org.mirror4j.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;

/**
 * Checks {@code precompiled_charsmap} of SentencePiece's normaliser. Layout, little-endian: u32
 * bytes of the trie; the trie, a double array of u32 (Darts-clone); replacements, UTF-8, each ended
 * by a zero byte. The library walks the trie by the bytes of a text and takes what it finds there
 * as an index into the array and into the replacements; both are followed here from every state
 * that can be reached.
 */
final class CharacterMapCheck {
  /** That of U+FDFA, a phrase in one character, has 33 bytes. */
  private static final int LONGEST_REPLACEMENT = 64;

  private static final int LEAF = 1 << 8, WIDE_OFFSET = 1 << 9;

  private final int[] trie;
  private final byte[] replacements;

  private CharacterMapCheck(int[] trie, byte[] replacements) {
    this.trie = trie;
    this.replacements = replacements;
  }

  /**
   * Checks a map.
   *
   * @throws TextException if it is not base64 of such a map
   */
  static void check(String base64) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new TextException("precompiled_charsmap is not base64", e);
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long size = bytes.length < Integer.BYTES ? -1 : Integer.toUnsignedLong(buffer.getInt());
    if (size < Integer.BYTES || size % Integer.BYTES != 0 || size > buffer.remaining()) {
      throw new TextException(
          "precompiled_charsmap holds %d bytes, which are no map of characters"
              .formatted(bytes.length));
    }
    int[] trie = new int[(int) size / Integer.BYTES];
    buffer.asIntBuffer().get(trie);
    buffer.position(buffer.position() + (int) size);
    byte[] replacements = new byte[buffer.remaining()];
    buffer.get(replacements);
    new CharacterMapCheck(trie, replacements).check();
  }

  private void check() {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(replacements));
    } catch (CharacterCodingException e) {
      throw new TextException("precompiled_charsmap: its replacements are not UTF-8", e);
    }
    BitSet seen = new BitSet();
    ArrayDeque<Integer> states = new ArrayDeque<>();
    states.add(offset(trie[0]));
    while (!states.isEmpty()) {
      int state = states.remove();
      for (int label = 1; label < 256; label++) {
        int unit = trie[within(state ^ label, trie.length)];
        if ((unit & (1 << 31 | 0xFF)) != label) {
          continue;
        }
        int next = state ^ label ^ offset(unit);
        if ((unit & LEAF) != 0) {
          checkReplacement(trie[within(next, trie.length)] & Integer.MAX_VALUE);
        }
        if (!seen.get(within(next, trie.length))) {
          seen.set(next);
          states.add(next);
        }
      }
    }
  }

  /** A replacement starts where a character does, and ends soon. */
  private void checkReplacement(int start) {
    int end = within(start, replacements.length);
    while (end < replacements.length && replacements[end] != 0) {
      end++;
    }
    if ((replacements[start] & 0xC0) == 0x80 || end - start > LONGEST_REPLACEMENT) {
      throw new TextException(
          "precompiled_charsmap: a replacement of %d bytes at %d, expected at most %d that start with a character"
              .formatted(end - start, start, LONGEST_REPLACEMENT));
    }
  }

  private static int within(int index, int length) {
    if (index < 0 || index >= length) {
      throw new TextException("precompiled_charsmap: index %d of %d".formatted(index, length));
    }
    return index;
  }

  private static int offset(int unit) {
    return unit >>> 10 << ((unit & WIDE_OFFSET) >>> 6);
  }
}
