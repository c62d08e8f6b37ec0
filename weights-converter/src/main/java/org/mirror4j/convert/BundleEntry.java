package org.mirror4j.convert;

import static org.mirror4j.file.FileException.quote;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mirror4j.file.FileException;
import org.mirror4j.file.MaskedChecksum;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

/**
 * What the index of a TensorFlow checkpoint says of a tensor (BundleEntryProto of
 * tensor_bundle.proto).
 *
 * @param name of the variable
 * @param type its element type, DataType of types.proto
 * @param shard number of the file that holds its values
 * @param offset of its first byte there
 * @param size in bytes
 * @param checksum {@link MaskedChecksum} of them
 * @param sliced whether its values are those of other entries, one a part of the tensor
 */
record BundleEntry(
    String name,
    int type,
    Shape shape,
    int shard,
    long offset,
    long size,
    int checksum,
    boolean sliced) {
  private static final int MAX_RANK = 16;

  /**
   * Reads one.
   *
   * @param file names the index in messages
   * @throws FileException if the message is malformed or a number out of range
   */
  static BundleEntry parse(String name, MemorySegment message, String file) {
    String unreadable = "%s: entry %s is not readable".formatted(file, quote(name));
    ProtobufReader entry = new ProtobufReader(message, unreadable);
    int type = 0;
    List<Integer> dimensions = new ArrayList<>();
    long shard = 0;
    long offset = 0;
    long size = 0;
    int checksum = 0;
    boolean sliced = false;
    while (entry.next()) {
      switch (entry.field()) {
        case 1 -> type = (int) entry.number();
        case 2 -> readShape(entry.message(), dimensions, unreadable);
        case 3 -> shard = entry.number();
        case 4 -> offset = entry.number();
        case 5 -> size = entry.number();
        case 6 -> checksum = entry.fixed32();
        case 7 -> sliced = true;
        default -> {} // written by a later version, which says in the header who may not read it
      }
    }
    if (shard < 0 || shard > Integer.MAX_VALUE || offset < 0 || size < 0) {
      throw new FileException(
          "%s: shard %d, offset %d, size %d, expected none below 0 or beyond its type"
              .formatted(unreadable, shard, offset, size));
    }
    Shape shape = Shape.of(dimensions.stream().mapToInt(Integer::intValue).toArray());
    return new BundleEntry(name, type, shape, (int) shard, offset, size, checksum, sliced);
  }

  /** TensorShapeProto of tensor_shape.proto. */
  private static void readShape(ProtobufReader shape, List<Integer> into, String unreadable) {
    while (shape.next()) {
      if (shape.field() == 2) {
        long size = 0;
        ProtobufReader dimension = shape.message();
        while (dimension.next()) {
          size = dimension.field() == 1 ? dimension.number() : size;
        }
        if (size < 0 || size > Integer.MAX_VALUE) {
          throw new FileException(
              "%s: a dimension of %d, expected 0 to %d"
                  .formatted(unreadable, size, Integer.MAX_VALUE));
        }
        if (into.size() == MAX_RANK) {
          throw new FileException(unreadable + ": more than " + MAX_RANK + " dimensions");
        }
        into.add((int) size);
      }
    }
  }

  /** The type of its elements, where it is one of {@link DType}. */
  Optional<DType> dtype() {
    return Optional.ofNullable(
        switch (type) {
          case 1 -> DType.F32;
          case 2 -> DType.F64;
          case 3 -> DType.I32;
          case 9 -> DType.I64;
          case 14 -> DType.BF16;
          case 19 -> DType.F16;
          default -> null;
        });
  }

  /** The first byte behind it. */
  long end() {
    return offset + size;
  }
}
