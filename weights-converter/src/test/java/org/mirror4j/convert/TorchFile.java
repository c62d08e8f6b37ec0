package org.mirror4j.convert;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Makes files as {@code torch.save} does, both the zip archive and the older form. */
final class TorchFile {
  private static final LocalDateTime TIME = LocalDateTime.of(2000, 1, 1, 0, 0);

  /** A tensor and the storage it is a view of. */
  record Entry(
      String name,
      String className,
      String key,
      long length,
      long offset,
      List<Long> size,
      List<Long> stride,
      boolean parameter) {}

  private final List<Entry> entries = new ArrayList<>();
  private final Map<String, byte[]> storages = new LinkedHashMap<>();
  private boolean deflate;

  /** A view of a storage whose elements are given with its first view. */
  TorchFile view(
      String name,
      String className,
      String key,
      byte[] raw,
      int elementBytes,
      long offset,
      List<Long> size,
      List<Long> stride) {
    storages.put(key, raw);
    entries.add(
        new Entry(name, className, key, raw.length / elementBytes, offset, size, stride, false));
    return this;
  }

  /** An f32 parameter in row-major order with a storage of its own. */
  TorchFile floats(String name, List<Long> size, float... values) {
    List<Long> stride = new ArrayList<>();
    long step = 1;
    for (int i = size.size() - 1; i >= 0; i--) {
      stride.addFirst(step);
      step *= size.get(i);
    }
    String key = Integer.toString(storages.size());
    storages.put(key, bytes(values));
    entries.add(new Entry(name, "FloatStorage", key, values.length, 0, size, stride, true));
    return this;
  }

  TorchFile deflated() {
    deflate = true;
    return this;
  }

  static byte[] bytes(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  static byte[] shorts(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      bytes.putShort((short) value);
    }
    return bytes.array();
  }

  Map<String, byte[]> zipEntries() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("archive/data.pkl", new PickleWriter().stateDict(entries, false).stop());
    files.put("archive/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
    storages.forEach((key, raw) -> files.put("archive/data/" + key, raw));
    files.put("archive/version", "3\n".getBytes(StandardCharsets.US_ASCII));
    return files;
  }

  byte[] zip() {
    return zip(zipEntries(), deflate);
  }

  /** An archive of the same bytes at any time. */
  static byte[] zip(Map<String, byte[]> files, boolean deflate) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        ZipEntry entry = new ZipEntry(file.getKey());
        entry.setTimeLocal(TIME);
        if (!deflate) {
          CRC32 crc = new CRC32();
          crc.update(file.getValue());
          entry.setMethod(ZipEntry.STORED);
          entry.setSize(file.getValue().length);
          entry.setCrc(crc.getValue());
        }
        zip.putNextEntry(entry);
        zip.write(file.getValue());
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  byte[] legacy() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(legacyStart(true));
    bytes.writeBytes(new PickleWriter().stateDict(entries, true).stop());
    PickleWriter keys = new PickleWriter().code(']', '(');
    storages.keySet().forEach(keys::text);
    bytes.writeBytes(keys.code('e').stop());
    storages.forEach(
        (key, raw) -> {
          ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
          bytes.writeBytes(length.putLong(lengthOf(key)).array());
          bytes.writeBytes(raw);
        });
    return bytes.toByteArray();
  }

  private long lengthOf(String key) {
    return entries.stream().filter(entry -> entry.key().equals(key)).findFirst().get().length();
  }

  /** Magic number, protocol number, facts about the machine. */
  static byte[] legacyStart(boolean littleEndian) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(
        new PickleWriter()
            .code(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19)
            .stop());
    bytes.writeBytes(new PickleWriter().number(1001).stop());
    PickleWriter machine = new PickleWriter().code('}', 'q', 0, '(');
    machine.text("protocol_version").number(1001);
    machine.text("little_endian").code(littleEndian ? 0x88 : 0x89);
    machine.text("type_sizes").code('}', '(').text("int").number(4).code('u');
    bytes.writeBytes(machine.code('u').stop());
    return bytes.toByteArray();
  }
}
