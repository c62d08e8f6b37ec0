package org.mirror4j.file;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * Files that may be gzipped. Their first two bytes tell, whatever their names; by the names, a file
 * and its gzip with {@code .gz} behind stand for each other.
 */
public final class PackedFile {
  private static final String GZIP = ".gz";
  private static final int BUFFER_BYTES = 1 << 16;

  private PackedFile() {}

  /** The content of a file, unpacked. */
  public static InputStream open(Path file) throws IOException {
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

  /** A file as it is named or, where only that is there, its other form. */
  public static Path there(Path file) {
    return !Files.exists(file) && Files.isRegularFile(otherForm(file)) ? otherForm(file) : file;
  }

  /** The name of a file's gzip, or of what a file is the gzip of. */
  public static Path otherForm(Path file) {
    String name = file.getFileName().toString();
    return file.resolveSibling(name.endsWith(GZIP) ? unpacked(name) : name + GZIP);
  }

  /** A name without {@code .gz}. */
  public static String unpacked(String name) {
    return name.endsWith(GZIP) ? name.substring(0, name.length() - GZIP.length()) : name;
  }
}
