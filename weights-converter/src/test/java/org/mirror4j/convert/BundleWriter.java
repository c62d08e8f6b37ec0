package org.mirror4j.convert;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Makes checkpoints as TensorFlow does: values in one or more files, and their index, a table of
 * several blocks whose keys share their beginnings.
 */
public final class BundleWriter {
  private static final int FOOTER_BYTES = 48;
  private static final int ENTRIES_PER_BLOCK = 8;
  private static final int ENTRIES_PER_RESTART = 3;

  /** A row of the table. */
  public record Row(byte[] key, byte[] value) {
    static Row of(String key, OnnxWriter value) {
      return new Row(key.getBytes(StandardCharsets.UTF_8), value.toByteArray());
    }
  }

  private final List<ByteArrayOutputStream> shards = new ArrayList<>();
  private final List<Row> rows = new ArrayList<>();

  /** A checkpoint of so many files of values. */
  BundleWriter(int shards) {
    for (int i = 0; i < shards; i++) {
      this.shards.add(new ByteArrayOutputStream());
    }
  }

  /** Adds a variable to the next of the files. */
  BundleWriter add(String name, int type, byte[] raw, long... dimensions) {
    int number = rows.size() % shards.size();
    OnnxWriter entry = entry(type, number, shards.get(number).size(), raw.length, dimensions);
    shards.get(number).writeBytes(raw);
    return row(name, entry.fixed32(6, Float.intBitsToFloat(checksum(raw))));
  }

  /** Adds a row as it is. */
  BundleWriter row(String name, OnnxWriter entry) {
    rows.add(Row.of(name, entry));
    return this;
  }

  /** A BundleEntryProto without its checksum. */
  static OnnxWriter entry(int type, int shard, long offset, long size, long... dimensions) {
    OnnxWriter shape = new OnnxWriter();
    for (long dimension : dimensions) {
      shape.message(2, new OnnxWriter().number(1, dimension));
    }
    return new OnnxWriter()
        .number(1, type)
        .message(2, shape)
        .number(3, shard)
        .number(4, offset)
        .number(5, size);
  }

  /** A BundleHeaderProto. */
  static OnnxWriter header(int shards) {
    return new OnnxWriter().number(1, shards).message(3, new OnnxWriter().number(1, 1));
  }

  /** The files by name. */
  Map<String, byte[]> files(String prefix) {
    return files(prefix, header(shards.size()));
  }

  Map<String, byte[]> files(String prefix, OnnxWriter header) {
    List<Row> all = new ArrayList<>(List.of(Row.of("", header)));
    rows.stream().sorted(Comparator.comparing(Row::key, Arrays::compareUnsigned)).forEach(all::add);
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put(prefix + ".index", table(all));
    for (int i = 0; i < shards.size(); i++) {
      String name = "%s.data-%05d-of-%05d".formatted(prefix, i, shards.size());
      files.put(name, shards.get(i).toByteArray());
    }
    return files;
  }

  /** A table of these rows in their order. */
  public static byte[] table(List<Row> rows) {
    ByteArrayOutputStream table = new ByteArrayOutputStream();
    List<Row> places = new ArrayList<>();
    for (int i = 0; i < rows.size(); i += ENTRIES_PER_BLOCK) {
      List<Row> content = rows.subList(i, Math.min(rows.size(), i + ENTRIES_PER_BLOCK));
      places.add(new Row(content.getLast().key(), append(table, block(content), 0)));
    }
    return close(table, places);
  }

  /** Ends a table of blocks at these places. */
  static byte[] close(ByteArrayOutputStream table, List<Row> places) {
    OnnxWriter footer = new OnnxWriter();
    footer.raw(ints(append(table, block(List.of()), 0)));
    footer.raw(ints(append(table, block(places), 0)));
    table.writeBytes(Arrays.copyOf(footer.toByteArray(), FOOTER_BYTES - 8));
    table.writeBytes(little(8).putLong(0xdb4775248b80fb57L).array());
    return table.toByteArray();
  }

  /**
   * Appends a block and its trailer.
   *
   * @return the place of the block
   */
  static byte[] append(ByteArrayOutputStream table, byte[] block, int compression) {
    final OnnxWriter place = new OnnxWriter().varint(table.size()).varint(block.length);
    byte[] content = Arrays.copyOf(block, block.length + 1);
    content[block.length] = (byte) compression;
    table.writeBytes(content);
    table.writeBytes(little(4).putInt(checksum(content)).array());
    return place.toByteArray();
  }

  static byte[] block(List<Row> rows) {
    OnnxWriter block = new OnnxWriter();
    List<Integer> restarts = new ArrayList<>();
    byte[] before = {};
    for (int i = 0; i < rows.size(); i++) {
      byte[] key = rows.get(i).key();
      int shared = 0;
      if (i % ENTRIES_PER_RESTART == 0) {
        restarts.add(block.toByteArray().length);
      } else {
        int differs = Arrays.mismatch(before, key);
        shared = differs < 0 ? key.length : differs;
      }
      byte[] value = rows.get(i).value();
      block.varint(shared).varint(key.length - shared).varint(value.length);
      block.raw(ints(Arrays.copyOfRange(key, shared, key.length))).raw(ints(value));
      before = key;
    }
    ByteBuffer end = little(4 * restarts.size() + 4);
    restarts.forEach(end::putInt);
    end.putInt(restarts.size());
    return block.raw(ints(end.array())).toByteArray();
  }

  /** CRC-32C as LevelDB masks it. */
  static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    int value = (int) crc.getValue();
    return (value >>> 15 | value << 17) + 0xa282ead8;
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int[] ints(byte[] bytes) {
    int[] ints = new int[bytes.length];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = bytes[i];
    }
    return ints;
  }

  /** The rows of a table; as the product reads them. */
  public static List<Row> rows(byte[] table) {
    return SortedTable.entries(MemorySegment.ofArray(table), "table").stream()
        .map(entry -> new Row(entry.key(), entry.value().toArray(ValueLayout.JAVA_BYTE)))
        .toList();
  }
}
