package org.mirror4j.convert;

import static org.mirror4j.file.FileException.quote;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.mirror4j.convert.Pickled.Global;
import org.mirror4j.convert.Pickled.Storage;
import org.mirror4j.convert.Pickled.Strided;
import org.mirror4j.convert.Pickled.Tuple;
import org.mirror4j.file.FileException;

/** The few names that occur in a pickle of tensors, and what calling them amounts to. */
final class TorchCalls {
  private static final String ORDERED_DICT = "collections.OrderedDict";
  private static final String REBUILD_TENSOR = "torch._utils._rebuild_tensor_v2";
  private static final String REBUILD_PARAMETER = "torch._utils._rebuild_parameter";
  private static final Set<String> CALLS = Set.of(ORDERED_DICT, REBUILD_TENSOR, REBUILD_PARAMETER);

  /** Most dimensions of a tensor. */
  private static final int MAX_RANK = 16;

  private TorchCalls() {}

  /** A name, if it is one of those known. */
  static Global global(String module, String name, Function<String, FileException> failure) {
    Global global = new Global(module, name);
    boolean storage = module.equals("torch") && StorageType.ofClass(name).isPresent();
    if (!storage && !CALLS.contains(global.qualifiedName())) {
      throw failure.apply(
          "names " + quote(global.qualifiedName()) + ", which is not one that tensors need");
    }
    return global;
  }

  /** What a call gives. */
  static Object call(
      Global function, List<Object> arguments, Function<String, FileException> failure) {
    return switch (function.qualifiedName()) {
      case ORDERED_DICT -> orderedDict(arguments, failure);
      case REBUILD_TENSOR -> tensor(arguments, failure);
      case REBUILD_PARAMETER -> {
        if (arguments.isEmpty() || !(arguments.getFirst() instanceof Strided parameter)) {
          throw failure.apply("makes a parameter of something that is not a tensor");
        }
        yield parameter;
      }
      default -> throw failure.apply("calls " + quote(function.qualifiedName()));
    };
  }

  /** Sets a key of a dictionary; keys are strings or numbers and may not be set twice. */
  static void put(
      Map<Object, Object> map, Object key, Object value, Function<String, FileException> failure) {
    if (!(key instanceof String) && !(key instanceof Long)) {
      throw failure.apply(
          "has " + Pickled.describe(key) + " as a key, expected a string or a number");
    }
    if (map.put(key, value) != null) {
      throw failure.apply("sets key " + quote(key.toString()) + " twice");
    }
  }

  /** From an empty tuple, or from a list of pairs as Python 2 wrote it. */
  private static Map<Object, Object> orderedDict(
      List<Object> arguments, Function<String, FileException> failure) {
    Map<Object, Object> map = new LinkedHashMap<>();
    if (arguments.isEmpty()) {
      return map;
    }
    if (arguments.size() != 1 || !(arguments.getFirst() instanceof List<?> pairs)) {
      throw failure.apply("makes an OrderedDict of something that is not a list of pairs");
    }
    for (Object pair : pairs) {
      List<?> items =
          switch (pair) {
            case Tuple tuple -> tuple.items();
            case List<?> list -> list;
            default -> List.of();
          };
      if (items.size() != 2) {
        throw failure.apply("makes an OrderedDict of something that is not a list of pairs");
      }
      put(map, items.get(0), items.get(1), failure);
    }
    return map;
  }

  /**
   * {@code _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks, metadata)}, of
   * which the last may be missing, None or empty: {@code {"neg": True}} is a tensor whose elements
   * are those of its storage negated.
   */
  private static Strided tensor(List<Object> arguments, Function<String, FileException> failure) {
    if (arguments.size() < 4
        || !(arguments.get(0) instanceof Storage storage)
        || !(arguments.get(1) instanceof Long offset)
        || !(arguments.get(2) instanceof Tuple size)
        || !(arguments.get(3) instanceof Tuple stride)
        || size.items().size() != stride.items().size()) {
      throw failure.apply(
          "makes a tensor of other things than storage, offset, size and as many strides");
    }
    for (Object metadata : arguments.subList(Math.min(6, arguments.size()), arguments.size())) {
      if (metadata != Pickled.None.NONE && !(metadata instanceof Map<?, ?> map && map.isEmpty())) {
        throw failure.apply(
            "makes a tensor with %s of metadata, expected none, as its elements may be others"
                .formatted(Pickled.describe(metadata)));
      }
    }
    List<Long> sizes = counts(size, failure);
    List<Long> strides = counts(stride, failure);
    Strided tensor = new Strided(storage, offset, sizes, strides);
    checkWithinStorage(tensor, failure);
    return tensor;
  }

  private static List<Long> counts(Tuple tuple, Function<String, FileException> failure) {
    if (tuple.items().size() > MAX_RANK) {
      throw failure.apply(
          "has a tensor of %d dimensions, expected at most %d"
              .formatted(tuple.items().size(), MAX_RANK));
    }
    List<Long> counts = new ArrayList<>();
    for (Object item : tuple.items()) {
      if (!(item instanceof Long count) || count < 0 || count > Integer.MAX_VALUE) {
        throw failure.apply(
            "has a tensor with size or stride %s, expected 0 to %d"
                .formatted(Pickled.describe(item), Integer.MAX_VALUE));
      }
      counts.add(count);
    }
    return List.copyOf(counts);
  }

  private static void checkWithinStorage(Strided tensor, Function<String, FileException> failure) {
    long length = tensor.storage().length();
    try {
      long end = tensor.offset();
      boolean empty = false;
      for (int i = 0; i < tensor.size().size(); i++) {
        empty |= tensor.size().get(i) == 0;
        end =
            Math.addExact(
                end, Math.multiplyExact(tensor.size().get(i) - 1, tensor.stride().get(i)));
      }
      if (tensor.offset() >= 0 && (empty || end < length)) {
        return;
      }
    } catch (ArithmeticException e) {
      throw outside(tensor, failure);
    }
    throw outside(tensor, failure);
  }

  private static FileException outside(Strided tensor, Function<String, FileException> failure) {
    return failure.apply(
        "has a tensor at %d of size %s and stride %s, which reaches out of storage %s of %d"
            .formatted(
                tensor.offset(),
                tensor.size(),
                tensor.stride(),
                quote(tensor.storage().key()),
                tensor.storage().length()));
  }

  /**
   * {@code ('storage', class, key, device, length)}; the old format adds a view, which must be
   * None.
   */
  static Storage storage(Object id, Function<String, FileException> failure) {
    if (!(id instanceof Tuple tuple)
        || (tuple.items().size() != 5 && tuple.items().size() != 6)
        || !tuple.items().get(0).equals("storage")
        || !(tuple.items().get(1) instanceof Global type)
        || !(tuple.items().get(2) instanceof String key)
        || !(tuple.items().get(4) instanceof Long length)
        || length < 0
        || (tuple.items().size() == 6 && tuple.items().get(5) != Pickled.None.NONE)) {
      throw failure.apply(
          "refers to "
              + Pickled.describe(id)
              + ", expected ('storage', type, key, device, length)");
    }
    return StorageType.ofClass(type.name())
        .map(known -> new Storage(key, known, length))
        .orElseThrow(() -> failure.apply("has a storage of " + quote(type.qualifiedName())));
  }
}
