package org.mirror4j.convert;

import static org.mirror4j.checkpoint.CheckpointException.quote;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.mirror4j.checkpoint.CheckpointException;
import org.mirror4j.convert.Pickled.Storage;

/**
 * The file that {@code torch.save} made before PyTorch 1.6: pickles of a magic number, a protocol
 * number, facts about the machine, the object, and the keys of the storages; then for each key the
 * number of elements (64 bits) and the elements.
 */
final class LegacyStorages implements StorageFile {
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long PROTOCOL = 1001;

  private final Arena arena;
  private final Object root;
  private final Map<String, MemorySegment> storages = new HashMap<>();

  /**
   * Reads the pickles and finds the storages.
   *
   * @param arena owns {@code bytes}; closed with this
   */
  LegacyStorages(Arena arena, MemorySegment bytes, String file) {
    this.arena = arena;
    Unpickler unpickler = new Unpickler(bytes, file);
    checkMagic(unpickler, bytes, file);
    Object protocol = unpickler.read();
    if (!protocol.equals(PROTOCOL)) {
      throw new CheckpointException(
          "%s: protocol is %s, expected %d".formatted(file, Pickled.describe(protocol), PROTOCOL));
    }
    if (unpickler.read() instanceof Map<?, ?> machine
        && Boolean.FALSE.equals(machine.get("little_endian"))) {
      throw new CheckpointException(file + ": elements are big-endian, expected little-endian");
    }
    root = unpickler.read();
    if (!(unpickler.read() instanceof List<?> keys)) {
      throw new CheckpointException(file + ": no list of storages after the tensors");
    }
    long position = unpickler.position();
    for (Object key : keys) {
      position = find(key, unpickler.storages(), bytes, position, file);
    }
    if (position != bytes.byteSize()) {
      throw new CheckpointException(
          "%s: storages end at byte %d, but the file has %d"
              .formatted(file, position, bytes.byteSize()));
    }
  }

  private static void checkMagic(Unpickler unpickler, MemorySegment bytes, String file) {
    // Anything might be in the file: say so before an instruction of the pickle is blamed.
    boolean pickle = bytes.byteSize() > 0 && bytes.get(ValueLayout.JAVA_BYTE, 0) == (byte) 0x80;
    if (!pickle || !MAGIC.equals(unpickler.read())) {
      throw new CheckpointException(
          file + ": neither a zip archive nor an old PyTorch file, expected what torch.save makes");
    }
  }

  private long find(
      Object key, Map<String, Storage> known, MemorySegment bytes, long position, String file) {
    Storage storage = key instanceof String name ? known.get(name) : null;
    if (storage == null || storages.containsKey(storage.key())) {
      throw new CheckpointException(
          "%s: storage %s is listed %s"
              .formatted(
                  file,
                  key instanceof String name ? quote(name) : Pickled.describe(key),
                  storage == null ? "but used by no tensor" : "twice"));
    }
    long left = bytes.byteSize() - position;
    long length =
        left < 8
            ? -1
            : bytes.get(
                ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), position);
    if (length != storage.length() || length > (left - 8) / storage.type().bytes()) {
      throw new CheckpointException(
          "%s: storage %s has %d elements in %d bytes, expected %d: cut short?"
              .formatted(file, quote(storage.key()), length, left, storage.length()));
    }
    long size = length * storage.type().bytes();
    storages.put(storage.key(), bytes.asSlice(position + 8, size));
    return position + 8 + size;
  }

  /** The object that was saved. */
  Object root() {
    return root;
  }

  @Override
  public void read(Storage storage, long begin, MemorySegment to) {
    MemorySegment bytes = storages.get(storage.key());
    if (bytes == null) {
      throw new CheckpointException("storage " + quote(storage.key()) + " is not in the file");
    }
    MemorySegment.copy(bytes, begin, to, 0, to.byteSize());
  }

  @Override
  public void close() {
    arena.close();
  }
}
