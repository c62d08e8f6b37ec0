package org.mirror4j.convert;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mirror4j.file.FileException;
import org.mirror4j.file.MaskedChecksum;

/**
 * The entries of a sorted table in LevelDB's format (table_format.md of its documentation), which
 * is what the index of a TensorFlow checkpoint is. The last 48 bytes hold the places of two blocks
 * and a magic number; the second of these blocks holds the places of all others. In a block each
 * entry says how many bytes its key shares with the one before. Behind each block stand its
 * compression and a checksum.
 *
 * <p>TensorFlow has always written these tables uncompressed (TableBuilderOptions of its
 * tensor_bundle.cc), so that a compressed block is refused by name.
 */
final class SortedTable {
  private static final int FOOTER_BYTES = 48;
  private static final int TRAILER_BYTES = 5;
  private static final long MAGIC = 0xdb4775248b80fb57L;
  private static final byte PLAIN = 0;
  private static final byte SNAPPY = 1;

  /** Most entries, and the longest key: all keys together are bounded whatever the file shares. */
  static final int MAX_ENTRIES = 1 << 16;

  static final int MAX_KEY = 1 << 10;

  /**
   * An entry.
   *
   * @param value not copied
   */
  record Entry(byte[] key, MemorySegment value) {}

  private final MemorySegment table;
  private final String file;
  private final String unreadable;
  private final List<Entry> entries = new ArrayList<>();

  private SortedTable(MemorySegment table, String file) {
    this.table = table;
    this.file = file;
    this.unreadable = file + ": not a readable index of a TensorFlow checkpoint";
  }

  /**
   * All entries in the order of their keys, byte by byte.
   *
   * @param file names the file in messages
   * @throws FileException if the table breaks the format or a checksum does not hold
   */
  static List<Entry> entries(MemorySegment table, String file) {
    SortedTable read = new SortedTable(table, file);
    read.readAll();
    return read.entries;
  }

  private void readAll() {
    if (table.byteSize() < FOOTER_BYTES) {
      throw fail("%d bytes, expected at least %d".formatted(table.byteSize(), FOOTER_BYTES));
    }
    MemorySegment footer = table.asSlice(table.byteSize() - FOOTER_BYTES);
    long magic = cursor(footer.asSlice(FOOTER_BYTES - Long.BYTES)).fixed64();
    if (magic != MAGIC) {
      throw fail("ends in %016x, expected %016x".formatted(magic, MAGIC));
    }
    ByteCursor places = cursor(footer.asSlice(0, FOOTER_BYTES - Long.BYTES));
    block(places); // of filters, which TensorFlow has none of
    List<Entry> blocks = new ArrayList<>();
    readBlock(block(places), blocks);
    for (Entry block : blocks) {
      readBlock(block(cursor(block.value())), entries);
    }
  }

  /** The content of the block whose place comes next, checked against its checksum. */
  private MemorySegment block(ByteCursor place) {
    long offset = place.varint();
    long size = place.varint();
    long end = table.byteSize() - FOOTER_BYTES - TRAILER_BYTES;
    if (offset < 0 || size < 0 || offset > end || size > end - offset) {
      throw fail(
          "a block of %s bytes at %s, expected it before byte %d"
              .formatted(Long.toUnsignedString(size), Long.toUnsignedString(offset), end));
    }
    MemorySegment content = table.asSlice(offset, size);
    byte compression = table.get(ValueLayout.JAVA_BYTE, offset + size);
    int stored = cursor(table.asSlice(offset + size + 1, 4)).fixed32();
    int found = MaskedChecksum.of(table.asSlice(offset, size + 1));
    if (found != stored) {
      throw new FileException(
          "%s: checksum of the block at %d is %08x, expected %08x: damaged"
              .formatted(file, offset, found, stored));
    }
    if (compression != PLAIN) {
      throw new FileException(
          "%s: the block at %d is compressed (%s), expected none, as TensorFlow writes them"
              .formatted(file, offset, compression == SNAPPY ? "Snappy" : "type " + compression));
    }
    return content;
  }

  private void readBlock(MemorySegment block, List<Entry> into) {
    if (block.byteSize() < Integer.BYTES) {
      throw fail("a block of " + block.byteSize() + " bytes, expected at least 4");
    }
    long restarts =
        Integer.toUnsignedLong(cursor(block.asSlice(block.byteSize() - Integer.BYTES)).fixed32());
    long end = block.byteSize() - Integer.BYTES * (restarts + 1);
    if (end < 0) {
      throw fail(
          "a block of %d bytes with %d restarts, more than it holds"
              .formatted(block.byteSize(), restarts));
    }
    ByteCursor cursor = cursor(block.asSlice(0, end));
    byte[] key = {};
    while (cursor.hasNext()) {
      final byte[] before = key;
      long shared = cursor.varint();
      long unshared = cursor.varint();
      long length = cursor.varint();
      if (shared < 0 || shared > before.length) {
        throw fail(
            "a key that shares %s bytes with one of %d"
                .formatted(Long.toUnsignedString(shared), before.length));
      }
      if (unshared < 0 || unshared > MAX_KEY - shared) {
        throw fail(
            "a key of %s bytes and %d more, expected at most %d"
                .formatted(Long.toUnsignedString(unshared), shared, MAX_KEY));
      }
      key = Arrays.copyOf(before, (int) (shared + unshared));
      MemorySegment.copy(
          cursor.bytes(unshared), ValueLayout.JAVA_BYTE, 0, key, (int) shared, (int) unshared);
      add(new Entry(key, cursor.bytes(length)), into);
    }
  }

  /** Ascending keys are different ones, and no block is read twice. */
  private void add(Entry entry, List<Entry> into) {
    if (!into.isEmpty() && Arrays.compareUnsigned(into.getLast().key(), entry.key()) >= 0) {
      throw fail("keys that do not ascend");
    }
    if (into.size() == MAX_ENTRIES) {
      throw fail("more than " + MAX_ENTRIES + " entries");
    }
    into.add(entry);
  }

  private ByteCursor cursor(MemorySegment bytes) {
    return new ByteCursor(bytes, unreadable);
  }

  private FileException fail(String problem) {
    return new FileException(unreadable + ": " + problem);
  }
}
