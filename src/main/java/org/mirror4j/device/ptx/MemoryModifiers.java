package org.mirror4j.device.ptx;

import org.mirror4j.device.ptx.syntax.StateSpace;
import org.mirror4j.device.ptx.syntax.Type;

/**
 * What the modifiers of {@code ld} and {@code st} say.
 *
 * @param elements 1, 2 or 4
 */
record MemoryModifiers(StateSpace space, int elements, Type type) {
  private static final int LONGEST_BYTES = 16;

  /** Bytes that one lane moves. */
  int bytes() {
    return elements * type.bytes();
  }

  static MemoryModifiers of(InstructionDecoder decoder) {
    decoder.take("volatile");
    StateSpace space = StateSpace.named(decoder.takeAny());
    if (space == null) {
      // Generic addresses too: kernels name the space of every access.
      throw decoder.unsupported();
    }
    while (isHint(decoder.peek())) {
      decoder.takeAny();
    }
    int elements = decoder.take("v2") ? 2 : decoder.take("v4") ? 4 : 1;
    Type type = decoder.type();
    boolean whole = type == Type.F32 || type == Type.F64 || !type.isFloat();
    if (type == Type.PRED || !whole || elements * type.bytes() > LONGEST_BYTES) {
      throw decoder.unsupported();
    }
    return new MemoryModifiers(space, elements, type);
  }

  /** Cache hints change no value. */
  private static boolean isHint(String modifier) {
    return switch (modifier) {
      case "ca", "cg", "cs", "lu", "cv", "wb", "wt", "nc" -> true;
      default -> modifier.startsWith("L1::") || modifier.startsWith("L2::");
    };
  }
}
