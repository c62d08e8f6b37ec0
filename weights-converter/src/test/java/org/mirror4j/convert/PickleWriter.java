package org.mirror4j.convert;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes pickles instruction by instruction, as Python's module pickle does with protocol 2. */
final class PickleWriter {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  PickleWriter() {
    code(0x80, 2);
  }

  PickleWriter code(int... codes) {
    for (int code : codes) {
      bytes.write(code);
    }
    return this;
  }

  PickleWriter int32(int value) {
    bytes.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    return this;
  }

  PickleWriter number(long value) {
    if (value >= 0 && value < 256) {
      return code('K', (int) value);
    }
    if (value >= 0 && value < 65536) {
      return code('M', (int) value & 0xFF, (int) value >> 8);
    }
    if (value == (int) value) {
      return code('J').int32((int) value);
    }
    bytes.writeBytes(new byte[] {(byte) 0x8a, 8});
    bytes.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
    return this;
  }

  PickleWriter text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    code('X').int32(utf8.length);
    bytes.writeBytes(utf8);
    return this;
  }

  PickleWriter global(String module, String name) {
    bytes.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
    return this;
  }

  PickleWriter numbers(List<Long> numbers) {
    code('(');
    numbers.forEach(this::number);
    return code('t');
  }

  PickleWriter orderedDict() {
    return global("collections", "OrderedDict").code(')', 'R');
  }

  /** The reference to a storage. */
  PickleWriter storage(String className, String key, long length, boolean legacy) {
    code('(').text("storage").global("torch", className).text(key).text("cpu").number(length);
    return (legacy ? code('N') : this).code('t', 'Q');
  }

  /** The call that makes a tensor of a storage. */
  PickleWriter tensor(TorchFile.Entry entry, boolean legacy) {
    if (entry.parameter()) {
      global("torch._utils", "_rebuild_parameter").code('(');
    }
    global("torch._utils", "_rebuild_tensor_v2").code('(');
    storage(entry.className(), entry.key(), entry.length(), legacy);
    number(entry.offset()).numbers(entry.size()).numbers(entry.stride());
    code(0x89).orderedDict().code('t', 'R');
    if (entry.parameter()) {
      code(0x88).orderedDict().code('t', 'R');
    }
    return this;
  }

  /** A dictionary of tensors with the attribute that state dictionaries carry. */
  PickleWriter stateDict(List<TorchFile.Entry> entries, boolean legacy) {
    orderedDict().code('q', 0, '(');
    entries.forEach(entry -> text(entry.name()).tensor(entry, legacy));
    code('u');
    return code('}').text("_metadata").orderedDict().code('s', 'b');
  }

  byte[] stop() {
    code('.');
    return bytes.toByteArray();
  }
}
