package org.mirror4j.convert;

import java.util.List;
import java.util.Map;

/** Values of a pickle that Java has no type of its own for. */
sealed interface Pickled {
  /** A word for messages; never descends into the value, which may contain itself. */
  static String describe(Object value) {
    return switch (value) {
      case Tuple tuple -> "a tuple of " + tuple.items().size();
      case None none -> "None";
      case Global global -> global.qualifiedName();
      case Storage storage -> "a storage";
      case Strided strided -> "a tensor";
      case List<?> list -> "a list of " + list.size();
      case Map<?, ?> map -> "a dictionary of " + map.size();
      case String text -> "a string";
      case Number number -> "the number " + number;
      case Boolean truth -> truth ? "True" : "False";
      default -> throw new IllegalStateException("no pickled value: " + value.getClass());
    };
  }

  /** An immutable sequence. */
  record Tuple(List<Object> items) implements Pickled {}

  /** Python's None. */
  enum None implements Pickled {
    NONE
  }

  /** A class or function, by name; it stands for itself and is never looked up. */
  record Global(String module, String name) implements Pickled {
    String qualifiedName() {
      return module + "." + name;
    }
  }

  /**
   * Raw elements that lie outside the pickle.
   *
   * @param key its name there
   * @param length in elements
   */
  record Storage(String key, StorageType type, long length) implements Pickled {}

  /**
   * A tensor: a view of a storage.
   *
   * @param offset of the first element, in elements
   * @param size of each dimension
   * @param stride of each dimension, in elements
   */
  record Strided(Storage storage, long offset, List<Long> size, List<Long> stride)
      implements Pickled {}
}
