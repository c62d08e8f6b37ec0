package org.mirror4j.convert;

import static org.mirror4j.file.FileException.quote;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.mirror4j.convert.Pickled.Storage;
import org.mirror4j.file.FileException;

/**
 * The zip archive that {@code torch.save} makes since PyTorch 1.6: {@code NAME/data.pkl} and one
 * entry {@code NAME/data/KEY} a storage. No more of an entry is unpacked than a tensor needs, and
 * an entry whose size is not what the pickle says is refused, so that a small archive cannot grow
 * without bounds.
 */
final class ZipStorages implements StorageFile {
  /** How an archive begins that holds a file. */
  static final byte[] MAGIC = {'P', 'K', 3, 4};

  private static final String PICKLE = "data.pkl";
  private static final int BUFFER_BYTES = 1 << 20;
  private static final int MAX_BYTE_ORDER = 16;

  /** Most entries of an archive: one a storage and a few more. */
  static final int MAX_ENTRIES = 1 << 16;

  /**
   * Most bytes of all entries unpacked together: so many times the size of the archive, but {@link
   * #ALWAYS_UNPACKED} at least. Weights are stored as they are, and halve at best.
   */
  static final int MAX_GROWTH = 16;

  static final long ALWAYS_UNPACKED = 64L << 20;

  private final Path file;
  private final ZipFile zip;
  private final String root;

  private ZipStorages(Path file, ZipFile zip, String root) {
    this.file = file;
    this.zip = zip;
    this.root = root;
  }

  /**
   * Whether a file begins as a zip archive.
   *
   * @throws FileException if it cannot be read
   */
  static boolean isArchive(Path file) {
    try (InputStream stream = Files.newInputStream(file)) {
      return Arrays.equals(stream.readNBytes(MAGIC.length), MAGIC);
    } catch (IOException e) {
      throw FileException.of(file + ": cannot be read", e);
    }
  }

  static ZipStorages open(Path file) {
    ZipFile zip;
    try {
      zip = new ZipFile(file.toFile());
    } catch (IOException e) {
      throw new FileException(file + ": not a readable zip archive" + reason(e), e);
    }
    try {
      requireBounded(file, zip);
      ZipStorages storages = new ZipStorages(file, zip, root(file, zip));
      storages.checkByteOrder();
      return storages;
    } catch (RuntimeException e) {
      try {
        zip.close();
      } catch (IOException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  private static void requireBounded(Path file, ZipFile zip) {
    if (zip.size() > MAX_ENTRIES) {
      throw new FileException(
          "%s: zip archive with %d entries, expected at most %d"
              .formatted(file, zip.size(), MAX_ENTRIES));
    }
    Set<String> names = new HashSet<>();
    long unpacked = 0;
    long most = Math.max(ALWAYS_UNPACKED, MAX_GROWTH * file.toFile().length());
    for (ZipEntry entry : Collections.list(zip.entries())) {
      if (!names.add(entry.getName())) {
        throw new FileException(
            "%s: two entries %s, expected one".formatted(file, quote(entry.getName())));
      }
      unpacked += Math.min(Math.max(0, entry.getSize()), most + 1);
      if (unpacked > most) {
        throw new FileException(
            "%s: zip archive that unpacks to more than %d bytes, expected at most %d times its own"
                .formatted(file, most, MAX_GROWTH));
      }
    }
  }

  private static String root(Path file, ZipFile zip) {
    List<String> pickles =
        zip.stream()
            .map(ZipEntry::getName)
            .filter(
                name ->
                    name.indexOf('/') > 0 && name.substring(name.indexOf('/') + 1).equals(PICKLE))
            .toList();
    if (pickles.size() != 1) {
      throw new FileException(
          "%s: zip archive with %d entries NAME/%s, expected one: not made by torch.save?"
              .formatted(file, pickles.size(), PICKLE));
    }
    return pickles.getFirst().substring(0, pickles.getFirst().length() - PICKLE.length());
  }

  private void checkByteOrder() {
    ZipEntry entry = zip.getEntry(root + "byteorder");
    if (entry == null) {
      return; // older archives are all little-endian
    }
    String order = new String(whole(entry, MAX_BYTE_ORDER), StandardCharsets.US_ASCII);
    if (!order.equals("little")) {
      throw new FileException(file + ": byte order is " + quote(order) + ", expected 'little'");
    }
  }

  /** The pickle. */
  byte[] pickle() {
    return whole(zip.getEntry(root + PICKLE), Unpickler.MAX_BYTES);
  }

  private byte[] whole(ZipEntry entry, long mostBytes) {
    if (entry.getSize() < 0 || entry.getSize() > mostBytes) {
      throw new FileException(
          "%s: entry %s has %d bytes, expected at most %d"
              .formatted(file, quote(entry.getName()), entry.getSize(), mostBytes));
    }
    byte[] bytes = new byte[(int) entry.getSize()];
    read(entry, 0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  @Override
  public void requireWhole(Storage storage) {
    entry(storage);
  }

  @Override
  public void read(Storage storage, long begin, MemorySegment to) {
    read(entry(storage), begin, to);
  }

  private ZipEntry entry(Storage storage) {
    ZipEntry entry = zip.getEntry(root + "data/" + storage.key());
    if (entry == null) {
      throw new FileException(
          "%s: no entry %s for a storage of the pickle"
              .formatted(file, quote(root + "data/" + storage.key())));
    }
    // The length was bounded to 63 bits when it was read, the bytes need not be.
    long expected =
        storage.length() > Long.MAX_VALUE / storage.type().bytes()
            ? -1
            : storage.length() * storage.type().bytes();
    if (entry.getSize() != expected) {
      throw new FileException(
          "%s: entry %s has %d bytes, expected %d elements of %d bytes"
              .formatted(
                  file,
                  quote(entry.getName()),
                  entry.getSize(),
                  storage.length(),
                  storage.type().bytes()));
    }
    return entry;
  }

  private void read(ZipEntry entry, long begin, MemorySegment to) {
    try (InputStream stream = zip.getInputStream(entry)) {
      stream.skipNBytes(begin);
      byte[] buffer = new byte[(int) Math.min(BUFFER_BYTES, to.byteSize())];
      for (long done = 0; done < to.byteSize(); ) {
        int now = (int) Math.min(buffer.length, to.byteSize() - done);
        if (stream.readNBytes(buffer, 0, now) != now) {
          throw new EOFException("it ends after " + (begin + done) + " bytes or so");
        }
        MemorySegment.copy(MemorySegment.ofArray(buffer), 0, to, done, now);
        done += now;
      }
      if (begin + to.byteSize() == entry.getSize() && stream.read() != -1) {
        throw new IOException("it is longer than the " + entry.getSize() + " bytes declared");
      }
    } catch (IOException e) {
      throw new FileException(
          "%s: entry %s cannot be read%s".formatted(file, quote(entry.getName()), reason(e)), e);
    }
  }

  private static String reason(IOException e) {
    return ": " + FileException.clean(FileException.reason(e));
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException e) {
      throw FileException.of(file, e);
    }
  }
}
