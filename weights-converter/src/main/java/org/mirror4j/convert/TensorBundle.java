package org.mirror4j.convert;

import static org.mirror4j.file.FileException.quote;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.mirror4j.file.FileException;
import org.mirror4j.file.MaskedChecksum;
import org.mirror4j.file.PositionedFile;
import org.mirror4j.tensor.DType;

/**
 * A TensorFlow checkpoint, which TensorFlow calls a tensor bundle (tensor_bundle.h): {@code
 * PREFIX.index}, a {@link SortedTable} with the place of each variable, and the raw values in
 * {@code PREFIX.data-00000-of-00001} or more such files. What the index says is held against the
 * sizes of these files when it is opened, checksums when values are read.
 */
final class TensorBundle implements AutoCloseable {
  /** How the index ends. */
  static final String INDEX = ".index";

  private static final long MAX_INDEX_BYTES = 64L << 20;
  private static final int MAX_SHARDS = 1000;
  private static final int VERSION = 1;

  private final Path prefix;
  private final String index;
  private final Map<String, BundleEntry> entries = new LinkedHashMap<>();
  private final Map<Integer, PositionedFile> shards = new TreeMap<>();
  private int shardCount;

  private TensorBundle(Path prefix) {
    this.prefix = prefix;
    index = prefix + INDEX;
  }

  /**
   * Opens a checkpoint.
   *
   * @param prefix path of the index without {@code .index}
   * @throws FileException if a file is missing or breaks the format, or the index contradicts
   *     itself or the files of values
   */
  static TensorBundle open(Path prefix) {
    TensorBundle bundle = new TensorBundle(prefix);
    try {
      bundle.readIndex();
      bundle.openShards();
      bundle.requireApart();
      return bundle;
    } catch (RuntimeException e) {
      bundle.close();
      throw e;
    }
  }

  private void readIndex() {
    byte[] bytes;
    try (PositionedFile file =
        PositionedFile.open(Path.of(index), "the index of a TensorFlow checkpoint")) {
      if (file.bytes() > MAX_INDEX_BYTES) {
        throw new FileException(
            "%s: %d bytes, expected at most %d for an index"
                .formatted(index, file.bytes(), MAX_INDEX_BYTES));
      }
      bytes = new byte[(int) file.bytes()];
      file.read(0, MemorySegment.ofArray(bytes));
    }
    List<SortedTable.Entry> table = SortedTable.entries(MemorySegment.ofArray(bytes), index);
    if (table.isEmpty() || table.getFirst().key().length > 0) {
      throw new FileException(index + ": no header, expected the index of a TensorFlow checkpoint");
    }
    readHeader(table.getFirst().value());
    for (SortedTable.Entry entry : table.subList(1, table.size())) {
      // A leading zero marks a part of a variable, whose own entry says that it has parts.
      if (entry.key()[0] != 0) {
        String name = name(entry.key());
        entries.put(name, BundleEntry.parse(name, entry.value(), index));
      }
    }
  }

  /** BundleHeaderProto of tensor_bundle.proto. */
  private void readHeader(MemorySegment message) {
    ProtobufReader header = new ProtobufReader(message, index + ": header is not readable");
    long count = 0;
    long endianness = 0;
    long minConsumer = 0;
    while (header.next()) {
      switch (header.field()) {
        case 1 -> count = header.number();
        case 2 -> endianness = header.number();
        case 3 -> {
          ProtobufReader version = header.message();
          while (version.next()) {
            minConsumer = version.field() == 2 ? version.number() : minConsumer;
          }
        }
        default -> {} // none that changes where a tensor lies
      }
    }
    if (count < 1 || count > MAX_SHARDS) {
      throw new FileException(
          "%s: %d files of values, expected 1 to %d".formatted(index, count, MAX_SHARDS));
    }
    if (endianness != 0) {
      throw new FileException(index + ": values in big-endian order, expected little-endian");
    }
    if (minConsumer > VERSION) {
      throw new FileException(
          "%s: format is for readers of version %d, expected %d"
              .formatted(index, minConsumer, VERSION));
    }
    shardCount = (int) count;
  }

  private String name(byte[] key) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(key)).toString();
    } catch (CharacterCodingException e) {
      throw new FileException(
          "%s: name %s is not UTF-8"
              .formatted(index, quote(new String(key, StandardCharsets.UTF_8))),
          e);
    }
  }

  private void openShards() {
    for (BundleEntry entry : entries.values()) {
      if (entry.shard() >= shardCount) {
        throw new FileException(
            "%s: %s lies in file %d of values, expected 0 to %d"
                .formatted(index, quote(entry.name()), entry.shard(), shardCount - 1));
      }
      if (!shards.containsKey(entry.shard())) {
        String path =
            String.format(Locale.ROOT, "%s.data-%05d-of-%05d", prefix, entry.shard(), shardCount);
        shards.put(
            entry.shard(), PositionedFile.open(Path.of(path), "values of a TensorFlow checkpoint"));
      }
      PositionedFile shard = shards.get(entry.shard());
      if (entry.size() > shard.bytes() || entry.offset() > shard.bytes() - entry.size()) {
        throw new FileException(
            "%s: %d bytes, but its index has %s in %d bytes from %d"
                .formatted(
                    shard.path(),
                    shard.bytes(),
                    quote(entry.name()),
                    entry.size(),
                    entry.offset()));
      }
      requireSize(entry);
    }
  }

  private void requireSize(BundleEntry entry) {
    if (entry.dtype().isEmpty() || entry.sliced()) {
      return;
    }
    DType dtype = entry.dtype().get();
    long expected;
    try {
      expected = Math.multiplyExact(entry.shape().size(), (long) dtype.bytes());
    } catch (ArithmeticException e) {
      throw new FileException(
          "%s: %s is %s, more elements than fit in 64 bits"
              .formatted(index, quote(entry.name()), entry.shape()),
          e);
    }
    if (entry.size() != expected) {
      throw new FileException(
          "%s: %s is %s%s in %d bytes, expected %d"
              .formatted(index, quote(entry.name()), dtype, entry.shape(), entry.size(), expected));
    }
  }

  /** Tensors that share bytes would be more memory than there is file. */
  private void requireApart() {
    List<BundleEntry> placed = new ArrayList<>(entries.values());
    placed.removeIf(entry -> entry.size() == 0);
    placed.sort(Comparator.comparingInt(BundleEntry::shard).thenComparingLong(BundleEntry::offset));
    for (int i = 1; i < placed.size(); i++) {
      BundleEntry left = placed.get(i - 1);
      BundleEntry right = placed.get(i);
      if (left.shard() == right.shard() && left.end() > right.offset()) {
        throw new FileException(
            "%s: %s and %s share bytes, expected each tensor apart"
                .formatted(index, quote(left.name()), quote(right.name())));
      }
    }
  }

  /** Names the index in messages. */
  String file() {
    return index;
  }

  /** The variables by name, in the order of the index. */
  Map<String, BundleEntry> entries() {
    return Collections.unmodifiableMap(entries);
  }

  /**
   * Reads the bytes of a variable.
   *
   * @param to overwritten, as many bytes as the entry has
   * @throws FileException if they cannot be read or their checksum does not hold
   */
  void read(BundleEntry entry, MemorySegment to) {
    PositionedFile shard = shards.get(entry.shard());
    shard.read(entry.offset(), to);
    int found = MaskedChecksum.of(to);
    if (found != entry.checksum()) {
      throw new FileException(
          "%s: checksum of %s is %08x, expected %08x: damaged"
              .formatted(shard.path(), quote(entry.name()), found, entry.checksum()));
    }
  }

  @Override
  public void close() {
    shards.values().forEach(PositionedFile::close);
  }
}
