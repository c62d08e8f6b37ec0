package org.mirror4j.convert;

import static org.mirror4j.file.FileException.quote;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.mirror4j.convert.Pickled.Storage;
import org.mirror4j.file.FileException;
import org.mirror4j.file.PositionedFile;

/**
 * The file that {@code torch.save} made before PyTorch 1.6: pickles of a magic number, a protocol
 * number, facts about the machine, the object, and the keys of the storages; then for each key the
 * number of elements (64 bits) and the elements.
 */
final class LegacyStorages implements StorageFile {
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long PROTOCOL = 1001;

  private final PositionedFile file;
  private final Object root;

  /** Where the elements of a storage begin, by its key. */
  private final Map<String, Long> storages = new HashMap<>();

  /**
   * Reads the pickles and finds the storages.
   *
   * @param open closed with this
   */
  LegacyStorages(PositionedFile open) {
    this.file = open;
    String file = open.path().toString();
    byte[] start = new byte[(int) Math.min(open.bytes(), Unpickler.MAX_BYTES)];
    open.read(0, MemorySegment.ofArray(start));
    Unpickler unpickler = new Unpickler(MemorySegment.ofArray(start), file);
    checkMagic(unpickler, start, file);
    Object protocol = unpickler.read();
    if (!protocol.equals(PROTOCOL)) {
      throw new FileException(
          "%s: protocol is %s, expected %d".formatted(file, Pickled.describe(protocol), PROTOCOL));
    }
    if (unpickler.read() instanceof Map<?, ?> machine
        && Boolean.FALSE.equals(machine.get("little_endian"))) {
      throw new FileException(file + ": elements are big-endian, expected little-endian");
    }
    root = unpickler.read();
    if (!(unpickler.read() instanceof List<?> keys)) {
      throw new FileException(file + ": no list of storages after the tensors");
    }
    long position = unpickler.position();
    for (Object key : keys) {
      position = find(key, unpickler.storages(), position);
    }
    if (position != open.bytes()) {
      throw new FileException(
          "%s: storages end at byte %d, but the file has %d"
              .formatted(file, position, open.bytes()));
    }
  }

  private static void checkMagic(Unpickler unpickler, byte[] start, String file) {
    // Anything might be in the file: say so before an instruction of the pickle is blamed.
    boolean pickle = start.length > 0 && start[0] == (byte) 0x80;
    if (!pickle || !MAGIC.equals(unpickler.read())) {
      throw new FileException(
          file + ": neither a zip archive nor an old PyTorch file, expected what torch.save makes");
    }
  }

  private long find(Object key, Map<String, Storage> known, long position) {
    Storage storage = key instanceof String name ? known.get(name) : null;
    if (storage == null || storages.containsKey(storage.key())) {
      throw new FileException(
          "%s: storage %s is listed %s"
              .formatted(
                  file.path(),
                  key instanceof String name ? quote(name) : Pickled.describe(key),
                  storage == null ? "but used by no tensor" : "twice"));
    }
    long left = file.bytes() - position;
    ByteBuffer count = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    if (left >= Long.BYTES) {
      file.read(position, MemorySegment.ofBuffer(count));
    }
    long length = left < Long.BYTES ? -1 : count.getLong(0);
    if (length != storage.length() || length > (left - 8) / storage.type().bytes()) {
      throw new FileException(
          "%s: storage %s has %d elements in %d bytes, expected %d: cut short?"
              .formatted(file.path(), quote(storage.key()), length, left, storage.length()));
    }
    long size = length * storage.type().bytes();
    storages.put(storage.key(), position + 8);
    return position + 8 + size;
  }

  /** The object that was saved. */
  Object root() {
    return root;
  }

  @Override
  public void requireWhole(Storage storage) {
    position(storage);
  }

  @Override
  public void read(Storage storage, long begin, MemorySegment to) {
    file.read(position(storage) + begin, to);
  }

  /** Where it begins; those that are known are whole. */
  private long position(Storage storage) {
    Long position = storages.get(storage.key());
    if (position == null) {
      throw new FileException(
          file.path() + ": storage " + quote(storage.key()) + " is not in the file");
    }
    return position;
  }

  @Override
  public void close() {
    file.close();
  }
}
