package org.mirror4j.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a file of text is written in, judged by its first bytes: UTF-8, or UTF-16 by its byte order
 * mark or by where its zero bytes stand. What is no text is refused by what it is.
 */
final class TextEncoding {
  /** Bytes that are looked at: as many as Git takes to tell text from binary files. */
  static final int SAMPLE = 8000;

  /** Every second byte of UTF-16 is zero in Latin text; half as many are no accident in UTF-8. */
  private static final int BYTES_PER_ZERO = 4;

  /** How files begin that are often taken for text by mistake. */
  private static final Map<String, String> FORMATS = new LinkedHashMap<>();

  static {
    FORMATS.put("504b0304", "a zip archive");
    FORMATS.put("89504e470d0a1a0a", "a PNG picture");
    FORMATS.put("ffd8ff", "a JPEG picture");
    FORMATS.put("255044462d", "a PDF document");
    FORMATS.put("fd377a585a00", "an xz archive");
    FORMATS.put("28b52ffd", "a zstd archive");
    FORMATS.put("377abcaf271c", "a 7z archive");
    FORMATS.put("425a6839314159265359", "a bzip2 archive");
    FORMATS.put("d0cf11e0a1b11ae1", "an old Office document");
    FORMATS.put("5041523115", "a Parquet file");
    FORMATS.put("934e554d5059", "a NumPy array");
    FORMATS.put("1f8b", "a gzip file within a gzip file");
    FORMATS.put("fffe0000", "UTF-32 text");
    FORMATS.put("0000feff", "UTF-32 text");
  }

  private TextEncoding() {}

  /**
   * The encoding of a file: UTF-8, UTF-16LE or UTF-16BE.
   *
   * @param place the file, the beginning of error messages
   * @param start its first bytes, unpacked: {@link #SAMPLE}, or all where there are fewer
   * @throws TextException if it is no text; the message says what it seems to be and what to do
   */
  static Charset of(String place, byte[] start) {
    FORMATS.forEach(
        (magic, format) -> {
          if (startsWith(start, HexFormat.of().parseHex(magic))) {
            throw new TextException(
                "%s is %s, expected lines of UTF-8 text".formatted(place, format));
          }
        });
    if (startsWith(start, new byte[] {(byte) 0xFF, (byte) 0xFE})) {
      return StandardCharsets.UTF_16LE;
    }
    if (startsWith(start, new byte[] {(byte) 0xFE, (byte) 0xFF})) {
      return StandardCharsets.UTF_16BE;
    }
    int even = zeros(start, 0);
    int odd = zeros(start, 1);
    if (even + odd == 0) {
      return StandardCharsets.UTF_8;
    }
    // The high byte of a Latin letter is zero, and so is that of blanks and line ends of any
    // script.
    // In the wrong order a line end is a character that there is not.
    List<Charset> likely =
        odd > even
            ? List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)
            : List.of(StandardCharsets.UTF_16BE, StandardCharsets.UTF_16LE);
    boolean mostlyZeros = (even + odd) * BYTES_PER_ZERO >= start.length;
    if (mostlyZeros || !isText(withoutZeros(start), StandardCharsets.UTF_8)) {
      for (Charset charset : likely) {
        if (isText(start, charset)) {
          return charset;
        }
      }
    }
    throw new TextException(
        "%s is a binary file (a zero byte at %d), expected lines of UTF-8 text"
            .formatted(place, firstZero(start)));
  }

  private static boolean startsWith(byte[] bytes, byte[] prefix) {
    return bytes.length >= prefix.length
        && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }

  private static int zeros(byte[] bytes, int parity) {
    int zeros = 0;
    for (int i = parity; i < bytes.length; i += 2) {
      zeros += bytes[i] == 0 ? 1 : 0;
    }
    return zeros;
  }

  private static int firstZero(byte[] bytes) {
    int i = 0;
    while (bytes[i] != 0) {
      i++;
    }
    return i;
  }

  private static byte[] withoutZeros(byte[] bytes) {
    byte[] kept = new byte[bytes.length];
    int length = 0;
    for (byte b : bytes) {
      if (b != 0) {
        kept[length++] = b;
      }
    }
    return Arrays.copyOf(kept, length);
  }

  /** Whether bytes are well-formed and hold nothing but what is written in texts. */
  private static boolean isText(byte[] bytes, Charset charset) {
    CharBuffer characters = CharBuffer.allocate(bytes.length);
    // The sample may end inside a character, so the end of the input is not told.
    CoderResult result =
        charset
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT)
            .decode(ByteBuffer.wrap(bytes), characters, false);
    return !result.isError() && characters.flip().codePoints().allMatch(TextEncoding::isWritten);
  }

  private static boolean isWritten(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL -> Character.isWhitespace(codePoint);
      case Character.UNASSIGNED, Character.PRIVATE_USE -> false;
      default -> true;
    };
  }
}
