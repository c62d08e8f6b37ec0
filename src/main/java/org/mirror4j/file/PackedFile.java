package org.mirror4j.file;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** Files that may be gzipped, which their first two bytes tell. */
final class PackedFile {
  private static final int BUFFER_BYTES = 1 << 16;

  private PackedFile() {}

  /** The content of a file, unpacked. */
  static InputStream open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
    try {
      in.mark(2);
      boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
      in.reset();
      return gzip ? new GZIPInputStream(in, BUFFER_BYTES) : in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }
}
