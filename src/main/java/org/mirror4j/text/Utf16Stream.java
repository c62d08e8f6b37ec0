package org.mirror4j.text;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of a UTF-16 text as UTF-8. Half a surrogate pair and half a code unit become a byte
 * that is no UTF-8, so that who reads the lines counts them as what they are.
 */
final class Utf16Stream extends InputStream {
  private static final byte[] INVALID = {(byte) 0xFF};
  private static final int END = -1;

  private final InputStream units;
  private final boolean littleEndian;
  private byte[] pending = new byte[0];
  private int position;

  /** The code unit after a high surrogate that is none of its pair, or {@link #END}. */
  private int pushedBack = END;

  /**
   * @param units the text, perhaps with a byte order mark, which stays
   */
  Utf16Stream(InputStream units, boolean littleEndian) {
    this.units = new BufferedInputStream(units, 1 << 16);
    this.littleEndian = littleEndian;
  }

  @Override
  public int read() throws IOException {
    return position < pending.length || fill() ? pending[position++] & 0xFF : END;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int count = 0;
    while (count < length && (position < pending.length || fill())) {
      target[offset + count++] = pending[position++];
    }
    return count == 0 && length > 0 ? END : count;
  }

  /** Takes the next character; false at the end. */
  private boolean fill() throws IOException {
    int first = pushedBack != END ? pushedBack : unit();
    pushedBack = END;
    if (first == END) {
      return false;
    }
    position = 0;
    if (first < 0x80) {
      pending = new byte[] {(byte) first};
    } else if (first > Character.MAX_VALUE || Character.isLowSurrogate((char) first)) {
      pending = INVALID;
    } else if (Character.isHighSurrogate((char) first)) {
      int second = unit();
      if (second != END
          && second <= Character.MAX_VALUE
          && Character.isLowSurrogate((char) second)) {
        pending = utf8(Character.toCodePoint((char) first, (char) second));
      } else {
        pending = INVALID;
        pushedBack = second;
      }
    } else {
      pending = utf8(first);
    }
    return true;
  }

  private static byte[] utf8(int codePoint) {
    return Character.toString(codePoint).getBytes(StandardCharsets.UTF_8);
  }

  /** A code unit, more than any for half of one, {@link #END} after the last. */
  private int unit() throws IOException {
    int first = units.read();
    if (first < 0) {
      return END;
    }
    int second = units.read();
    if (second < 0) {
      return Character.MAX_VALUE + 1;
    }
    return littleEndian ? second << 8 | first : first << 8 | second;
  }

  @Override
  public void close() throws IOException {
    units.close();
  }
}
