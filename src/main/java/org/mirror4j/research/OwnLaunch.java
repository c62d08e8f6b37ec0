package org.mirror4j.research;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import org.mirror4j.device.launch.source.Expression;
import org.mirror4j.device.launch.source.KernelContract;
import org.mirror4j.device.launch.source.KernelContract.Access;
import org.mirror4j.device.launch.source.KernelContract.Buffer;
import org.mirror4j.device.launch.source.KernelContract.Scalar;
import org.mirror4j.device.launch.source.KernelContract.ScalarType;
import org.mirror4j.device.launch.source.KernelException;
import org.mirror4j.file.NpyArray;
import org.mirror4j.tensor.DType;
import org.mirror4j.text.Spelling;

/**
 * What a kernel is launched with, found from its header alone: the arrays of its buffers, its
 * scalars, and the sizes of its buffers. A scalar that nobody gives is what the shape of an array
 * says, where one size of its buffer is that scalar and nothing else.
 */
final class OwnLaunch {
  /** Of all buffers together: checks keep several times as much beside them. */
  static final long MOST_BYTES = 256L << 20;

  private static final long MOST_U32 = 0xFFFFFFFFL;

  private final KernelContract contract;
  private final DType storage;
  private final Map<String, NpyArray> inputs;
  private final SequencedMap<String, Number> scalars = new LinkedHashMap<>();
  private final SequencedMap<String, List<Long>> shapes = new LinkedHashMap<>();
  private final long[] values;

  /**
   * Resolves all of it.
   *
   * @param inputs by the names of buffers
   * @param given scalars by name, as written
   * @throws KernelException if something is missing, unknown, of another type or shape, or if
   *     arrays contradict each other or the scalars
   */
  OwnLaunch(
      KernelContract contract,
      DType storage,
      Map<String, NpyArray> inputs,
      Map<String, String> given) {
    this.contract = contract;
    this.storage = storage;
    this.inputs = inputs;
    values = contract.values(storage);
    requireNames("scalar", given.keySet(), contract.scalars().stream().map(Scalar::name).toList());
    requireBuffers(inputs.keySet());
    contract.buffers().forEach(this::requireInput);
    resolve(given);
    contract.buffers().forEach(this::requireShape);
  }

  private void requireBuffers(Collection<String> names) {
    requireNames("buffer", names, contract.buffers().stream().map(Buffer::name).toList());
  }

  /**
   * Sees to it that there are buffers of some names, and that the kernel writes them.
   *
   * @throws KernelException names the first of which that does not hold
   */
  void requireWritten(Collection<String> names) {
    requireBuffers(names);
    for (String name : names) {
      if (buffer(name).access() == Access.IN) {
        throw new KernelException(name + ": the header says that it is only read");
      }
    }
  }

  private void requireNames(String what, Collection<String> names, List<String> known) {
    for (String name : names) {
      if (!known.contains(name)) {
        throw new KernelException(
            "%s: no %s is called %s, there are %s%s"
                .formatted(contract.entry(), what, name, known, Spelling.hint(name, known)));
      }
    }
  }

  private void requireInput(Buffer buffer) {
    NpyArray input = inputs.get(buffer.name());
    if (buffer.access() == Access.OUT && input != null) {
      throw new KernelException(
          "%s: the header says that it is written whole, so it has no input"
              .formatted(buffer.name()));
    }
    if (buffer.access() != Access.OUT && input == null) {
      throw new KernelException(
          "%s: no input, expected %s, as %s=FILE.npy"
              .formatted(
                  buffer.name(), String.join(" or ", types(buffer, storage)), buffer.name()));
    }
    if (input != null) {
      requireType(buffer.name(), input, types(buffer, storage));
      requireRank(buffer, input);
    }
  }

  /** What NumPy calls the values of a buffer; bf16, which it does not know, is kept as words. */
  static List<String> types(Buffer buffer, DType storage) {
    return switch (buffer.dtype(storage)) {
      case F32 -> List.of("<f4");
      case F16 -> List.of("<f2");
      case BF16 -> List.of("<u2");
      case F64 -> List.of("<f8");
      case I32 -> List.of("<i4", "<u4");
      default ->
          throw new IllegalArgumentException(
              "a buffer of " + buffer.dtype(storage).label() + ", expected f32, f64 or i32");
    };
  }

  /** Sees to it that an array's values are of one of some types. */
  static void requireType(String name, NpyArray array, List<String> types) {
    if (!types.contains(array.type())) {
      throw new KernelException(
          "%s: found type %s in %s, expected %s"
              .formatted(name, array.type(), array.name(), String.join(" or ", types)));
    }
  }

  private static void requireRank(Buffer buffer, NpyArray array) {
    if (array.shape().size() != buffer.sizes().size()) {
      throw new KernelException(
          "%s: found %s in %s, expected %s"
              .formatted(buffer.name(), array.shape(), array.name(), buffer.writtenSizes()));
    }
  }

  private void resolve(Map<String, String> given) {
    Map<String, String> said = new HashMap<>();
    Map<String, Long> inferred = new HashMap<>();
    for (Buffer buffer : contract.buffers()) {
      NpyArray input = inputs.get(buffer.name());
      for (int i = 0; input != null && i < buffer.sizes().size(); i++) {
        int scalar = scalar(buffer.sizes().get(i));
        if (scalar < 0 || given.containsKey(contract.scalars().get(scalar).name())) {
          continue;
        }
        String name = contract.scalars().get(scalar).name();
        String by = "%s %s in %s".formatted(buffer.name(), input.shape(), input.name());
        Long other = inferred.putIfAbsent(name, input.shape().get(i));
        if (other != null && !other.equals(input.shape().get(i))) {
          throw new KernelException(
              "%s is %d by %s, and %d by %s"
                  .formatted(name, other, said.get(name), input.shape().get(i), by));
        }
        said.putIfAbsent(name, by);
      }
    }
    for (int i = 0; i < contract.scalars().size(); i++) {
      Scalar scalar = contract.scalars().get(i);
      String text = given.get(scalar.name());
      if (text == null && !inferred.containsKey(scalar.name())) {
        throw new KernelException(
            "%s: scalar %s is missing: give %s=VALUE, as no input's shape says it"
                .formatted(contract.entry(), scalar.name(), scalar.name()));
      }
      Number value = value(scalar, text == null ? inferred.get(scalar.name()).toString() : text);
      scalars.put(scalar.name(), value);
      values[i] = scalar.type() == ScalarType.F32 ? 0 : value.longValue();
    }
  }

  /** The index of the scalar that a size is, and nothing else; else below 0. */
  private int scalar(Expression size) {
    return size instanceof Expression.Written written
            && written.formula() instanceof Expression.Variable variable
            && variable.index() < contract.scalars().size()
        ? variable.index()
        : -1;
  }

  private static Number value(Scalar scalar, String text) {
    try {
      Number value =
          switch (scalar.type()) {
            case U32, S32 -> Long.valueOf(text);
            case U64 -> Long.parseUnsignedLong(text);
            case F32 -> Float.valueOf(text);
          };
      long whole = value.longValue();
      boolean fits =
          switch (scalar.type()) {
            case U32 -> whole >= 0 && whole <= MOST_U32;
            case S32 -> whole == (int) whole;
            case U64, F32 -> true;
          };
      if (fits) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below, as what is out of range.
    }
    throw new KernelException(
        "scalar %s is '%s', expected %s"
            .formatted(scalar.name(), text, scalar.type().name().toLowerCase(Locale.ROOT)));
  }

  private void requireShape(Buffer buffer) {
    List<Long> shape = buffer.sizes().stream().map(size -> size.evaluate(values)).toList();
    NpyArray input = inputs.get(buffer.name());
    if (input != null && !input.shape().equals(shape)) {
      throw refused(buffer.name(), input, shape);
    }
    shapes.put(buffer.name(), shape);
    long bytes = 0;
    for (Buffer one : contract.buffers()) {
      bytes += shapes.containsKey(one.name()) ? bytes(one) : 0;
    }
    if (bytes > MOST_BYTES) {
      throw new KernelException(
          "%s: %s = %s takes all buffers beyond the %,d bytes allowed"
              .formatted(buffer.name(), buffer.writtenSizes(), shape, MOST_BYTES));
    }
  }

  /** Bytes of a buffer, or as many as are surely too many. */
  private long bytes(Buffer buffer) {
    long bytes = buffer.dtype(storage).bytes();
    for (long size : shapes.get(buffer.name())) {
      if (size < 0) {
        throw new KernelException(
            "%s: %s = %s has a size below 0"
                .formatted(buffer.name(), buffer.writtenSizes(), shapes.get(buffer.name())));
      }
      bytes = Math.min(MOST_BYTES + 1, bytes * Math.min(size, MOST_BYTES + 1));
    }
    return bytes;
  }

  /** That an array is not of a buffer's shape. */
  private KernelException refused(String name, NpyArray array, List<Long> shape) {
    return new KernelException(
        "%s: found %s in %s, expected %s = %s"
            .formatted(name, array.shape(), array.name(), buffer(name).writtenSizes(), shape));
  }

  /**
   * Sees to it that what is expected of a buffer has its shape, and values to compare with.
   *
   * @throws KernelException if it has not
   */
  void requireExpected(String name, NpyArray expected) {
    List<String> types = new ArrayList<>(types(buffer(name), storage));
    types.addAll(buffer(name).dtype(storage) == DType.I32 ? List.of("<i8") : List.of("<f4", "<f8"));
    requireType(name, expected, types.stream().distinct().toList());
    if (!expected.shape().equals(shapes.get(name))) {
      throw refused(name, expected, shapes.get(name));
    }
  }

  private Buffer buffer(String name) {
    return contract.buffers().stream()
        .filter(buffer -> buffer.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Long for whole numbers, Float for f32, in the order of the entry's parameters. */
  SequencedMap<String, Number> scalars() {
    return scalars;
  }

  /** Sizes of a buffer. */
  List<Long> shape(String buffer) {
    return shapes.get(buffer);
  }
}
