package org.mirror4j.device.launch.source;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.mirror4j.tensor.DType;

/**
 * What the header of a kernel's file promises; {@code kernels/README.md} has the notation. The
 * values that formulas are evaluated over are the scalars in their order, then {@code S}, the bytes
 * of a storage element: {@link #values}.
 *
 * @param entry name of the file without its ending, and of the entry without its storage type
 * @param formula what it computes, for people: lines parted by line feeds
 * @param storages storage types there are variants for, in the order f32, f16, bf16; empty where
 *     the entry is not varied
 * @param buffers in the order of the entry's parameters
 * @param aliases pairs of buffers that may be the same memory
 * @param scalars parameters after the buffers
 * @param traffic least number of bytes that must move
 */
public record KernelContract(
    String entry,
    String formula,
    Set<DType> storages,
    List<Buffer> buffers,
    List<Alias> aliases,
    List<Scalar> scalars,
    Expression grid,
    Expression block,
    Expression shared,
    Expression traffic) {

  /** How a buffer is used. */
  public enum Access {
    /** Never written. */
    IN,
    /** Every element written. */
    OUT,
    /** Updated, or written in part. */
    INOUT
  }

  /**
   * A buffer parameter.
   *
   * @param dtype null for the storage type
   */
  public record Buffer(String name, Access access, DType dtype, List<Expression> sizes) {
    /**
     * Number of elements.
     *
     * @throws ArithmeticException if it has more than 64 bits
     */
    public long elements(long[] values) {
      long elements = 1;
      for (Expression size : sizes) {
        elements = Math.multiplyExact(elements, size.evaluate(values));
      }
      return elements;
    }

    /** Element type in the variant for {@code storage}. */
    public DType dtype(DType storage) {
      return dtype == null ? storage : dtype;
    }

    /** The sizes as they are written: {@code [rows, columns]}. */
    public String writtenSizes() {
      return sizes.stream().map(Object::toString).collect(Collectors.joining(", ", "[", "]"));
    }

    /** As the header has it: {@code in x storage[rows, columns]}. */
    @Override
    public String toString() {
      return "%s %s %s%s"
          .formatted(
              access.name().toLowerCase(Locale.ROOT),
              name,
              dtype == null ? "storage" : dtype.label(),
              writtenSizes());
    }
  }

  /** Two buffers that may be the same memory. */
  public record Alias(String first, String second) {}

  /** Type of a scalar parameter. */
  public enum ScalarType {
    /** Unsigned 32-bit. */
    U32,
    /** Signed 32-bit. */
    S32,
    /** IEEE 754 binary32. */
    F32,
    /** Unsigned 64-bit. */
    U64
  }

  /** A scalar parameter. */
  public record Scalar(String name, ScalarType type) {
    /** As the header has it: {@code rows u32}. */
    @Override
    public String toString() {
      return name + " " + type.name().toLowerCase(Locale.ROOT);
    }
  }

  /** Room for what formulas are evaluated over. */
  public long[] values(DType storage) {
    long[] values = new long[scalars.size() + 1];
    values[scalars.size()] = storage.bytes();
    return values;
  }

  /** The storage type of the first variant; f32 of an entry that is not varied. */
  public DType firstStorage() {
    return storages.stream().findFirst().orElse(DType.F32);
  }

  /**
   * The entry's name in the variant for a storage type.
   *
   * @throws IllegalArgumentException if there is no such variant
   */
  public String entry(DType storage) {
    if (storages.isEmpty()) {
      return entry;
    }
    if (!storages.contains(storage)) {
      throw new IllegalArgumentException(
          "%s: no variant for %s, there are %s".formatted(entry, storage.label(), storages));
    }
    return entry + "_" + storage.label();
  }
}
