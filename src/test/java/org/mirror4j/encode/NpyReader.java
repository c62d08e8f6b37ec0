package org.mirror4j.encode;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a NumPy file of version 1.0 with a little-endian f32 matrix, refusing all else. */
final class NpyReader {
  private static final Pattern HEADER =
      Pattern.compile(
          "\\{'descr': '<f4', 'fortran_order': False, 'shape': \\((\\d+), (\\d+)\\), \\} *\n");

  private NpyReader() {}

  static float[][] read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] magic = new byte[8];
    bytes.get(magic);
    if (!new String(magic, StandardCharsets.ISO_8859_1).equals("\u0093NUMPY\u0001\u0000")) {
      throw new IOException("not a NumPy file of version 1.0");
    }
    byte[] header = new byte[Short.toUnsignedInt(bytes.getShort())];
    bytes.get(header);
    Matcher shape = HEADER.matcher(new String(header, StandardCharsets.US_ASCII));
    if (!shape.matches() || bytes.position() % 64 != 0) {
      throw new IOException("header: " + new String(header, StandardCharsets.US_ASCII));
    }
    float[][] rows = new float[Integer.parseInt(shape.group(1))][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new float[Integer.parseInt(shape.group(2))];
      for (int j = 0; j < rows[i].length; j++) {
        rows[i][j] = bytes.getFloat();
      }
    }
    if (bytes.hasRemaining()) {
      throw new IOException(bytes.remaining() + " bytes too many");
    }
    return rows;
  }
}
