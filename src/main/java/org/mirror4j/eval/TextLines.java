package org.mirror4j.eval;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Reads whole text files: UTF-8, gzipped where the name ends in {@code .gz}. */
final class TextLines {
  private TextLines() {}

  /**
   * The lines of a file; a line ends in LF, CR LF or CR alone. A byte order mark is dropped.
   *
   * @throws UncheckedIOException if the file is absent or cannot be read
   * @throws IllegalArgumentException if it is not UTF-8; the message names the line
   */
  static List<String> read(Path file) {
    ByteBuffer bytes = ByteBuffer.wrap(bytes(file));
    // UTF-8 never takes more chars than bytes.
    CharBuffer text = CharBuffer.allocate(bytes.remaining());
    CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(bytes, text, true);
    text.flip();
    if (result.isError()) {
      throw new IllegalArgumentException(
          "%s:%d: not UTF-8: byte 0x%02x"
              .formatted(file, lastLine(text), bytes.get(bytes.position())));
    }
    if (!text.isEmpty() && text.charAt(0) == '\uFEFF') {
      text.get();
    }
    return text.toString().lines().toList();
  }

  private static byte[] bytes(Path file) {
    try {
      byte[] raw = Files.readAllBytes(file);
      if (!file.toString().endsWith(".gz")) {
        return raw;
      }
      try (GZIPInputStream unzipped = new GZIPInputStream(new ByteArrayInputStream(raw))) {
        return unzipped.readAllBytes();
      }
    } catch (NoSuchFileException e) {
      throw new UncheckedIOException("no such file: " + file, e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** Number, from 1, of the line that the end of the text stands on. */
  private static long lastLine(CharBuffer text) {
    // The sentinel makes a line of its own out of whatever follows the last line end.
    return (text + "?").lines().count();
  }
}
