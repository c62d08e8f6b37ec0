package org.mirror4j.device.ptx;

import java.util.Arrays;
import java.util.List;
import org.mirror4j.device.ptx.memory.NativeMemory;
import org.mirror4j.device.ptx.memory.SharedMemory;
import org.mirror4j.device.ptx.report.Check;
import org.mirror4j.device.ptx.syntax.Operand;
import org.mirror4j.device.ptx.syntax.Register.Width;
import org.mirror4j.device.ptx.syntax.StateSpace;
import org.mirror4j.device.ptx.syntax.Type;

/** {@code ld} from global, shared, local, constant and parameter memory (ISA 9.7.9.8). */
final class Loads {
  private Loads() {}

  static DecodedOperation load(InstructionDecoder decoder) {
    MemoryModifiers modifiers = MemoryModifiers.of(decoder);
    decoder.end(2);
    List<Operand> elements = InstructionDecoder.elements(decoder.operand(0));
    if (elements.size() != modifiers.elements()) {
      throw decoder
          .instruction()
          .error("%d destinations, expected %d".formatted(elements.size(), modifiers.elements()));
    }
    AddressForm address = AddressForm.of(decoder, 1, modifiers.space());
    int[] places = new int[elements.size()];
    Width[] widths = new Width[elements.size()];
    boolean words = modifiers.type().bits() == 32;
    for (int k = 0; k < places.length; k++) {
      places[k] = decoder.destination(elements.get(k), modifiers.type(), true);
      widths[k] = decoder.widthOf(elements.get(k), modifiers.type());
      words &= widths[k] == Width.B32;
    }
    if (modifiers.space() == StateSpace.GLOBAL && words) {
      return DecodedOperation.effect(globalWords(address, places));
    }
    if (modifiers.space() == StateSpace.SHARED && words) {
      return DecodedOperation.effect(sharedWords(address, places));
    }
    Target target = new Target(places, widths, modifiers.type());
    return DecodedOperation.effect(
        switch (modifiers.space()) {
          case GLOBAL -> elements(MemorySpace.GLOBAL, address, target);
          case SHARED -> elements(MemorySpace.SHARED, address, target);
          case LOCAL -> elements(MemorySpace.LOCAL, address, target);
          case CONST -> constants(address, target);
          case PARAM -> {
            requireParameters(decoder, address, modifiers.bytes());
            yield parameters(address, target);
          }
        });
  }

  /** Where the elements of a lane go. */
  private record Target(int[] places, Width[] widths, Type type) {
    private long extended(long loaded) {
      int bits = type.bits();
      return type.isSigned() || bits == 64 ? loaded : loaded & (1L << bits) - 1;
    }

    void put(Warp warp, int lane, int element, long loaded) {
      long value = extended(loaded);
      int place = places[element] + lane;
      switch (widths[element]) {
        case B16 -> warp.halves[place] = (short) value;
        case B32 -> warp.words[place] = (int) value;
        default -> {
          warp.wides[place] = value;
          warp.bindings[place] = 0;
        }
      }
    }

    /** Puts the same into all lanes. */
    void putAll(Warp warp, int element, long loaded, int binding) {
      long value = extended(loaded);
      int first = places[element];
      int end = first + Warp.LANES;
      switch (widths[element]) {
        case B16 -> Arrays.fill(warp.halves, first, end, (short) value);
        case B32 -> Arrays.fill(warp.words, first, end, (int) value);
        default -> {
          Arrays.fill(warp.wides, first, end, value);
          Arrays.fill(warp.bindings, first, end, binding);
        }
      }
    }
  }

  private static Operation globalWords(AddressForm address, int[] places) {
    int bytes = places.length * Integer.BYTES;
    return (warp, mask) -> {
      address.fill(warp);
      MemorySpace.GLOBAL.checkLoad(warp, mask, bytes);
      long[] addresses = warp.addresses;
      int[] words = warp.words;
      for (int k = 0; k < places.length; k++) {
        int place = places[k];
        if (mask == Warp.FULL) {
          for (int i = 0; i < Warp.LANES; i++) {
            words[place + i] = NativeMemory.getWord(addresses[i] + k * Integer.BYTES);
          }
        } else {
          for (int rest = mask; rest != 0; rest &= rest - 1) {
            int i = Integer.numberOfTrailingZeros(rest);
            words[place + i] = NativeMemory.getWord(addresses[i] + k * Integer.BYTES);
          }
        }
      }
    };
  }

  private static Operation sharedWords(AddressForm address, int[] places) {
    int bytes = places.length * Integer.BYTES;
    return (warp, mask) -> {
      address.fill(warp);
      MemorySpace.SHARED.checkLoad(warp, mask, bytes);
      SharedMemory shared = warp.worker.shared();
      long[] addresses = warp.addresses;
      int[] words = warp.words;
      for (int k = 0; k < places.length; k++) {
        int place = places[k];
        for (int rest = mask; rest != 0; rest &= rest - 1) {
          int i = Integer.numberOfTrailingZeros(rest);
          words[place + i] = shared.getWord((int) addresses[i] + k * Integer.BYTES);
        }
      }
    };
  }

  private static Operation elements(MemorySpace space, AddressForm address, Target target) {
    int elementBytes = target.type().bytes();
    int count = target.places().length;
    return (warp, mask) -> {
      address.fill(warp);
      space.checkLoad(warp, mask, count * elementBytes);
      for (int rest = mask; rest != 0; rest &= rest - 1) {
        int i = Integer.numberOfTrailingZeros(rest);
        for (int k = 0; k < count; k++) {
          long from = warp.addresses[i] + (long) k * elementBytes;
          target.put(warp, i, k, space.get(warp, from, elementBytes));
        }
      }
    };
  }

  private static Operation constants(AddressForm address, Target target) {
    int elementBytes = target.type().bytes();
    int count = target.places().length;
    return (warp, mask) -> {
      address.fill(warp);
      byte[] constants = warp.worker.launch().program().constants();
      for (int rest = mask; rest != 0; rest &= rest - 1) {
        int i = Integer.numberOfTrailingZeros(rest);
        long from = warp.addresses[i];
        requireConstant(warp, i, from, count * elementBytes, constants.length);
        for (int k = 0; k < count; k++) {
          int at = (int) from + k * elementBytes;
          target.put(warp, i, k, LittleEndian.get(constants, at, elementBytes));
        }
      }
    };
  }

  private static void requireConstant(Warp warp, int lane, long from, int bytes, int size) {
    if (from < 0 || from > size - bytes) {
      warp.worker.report(
          Check.OUT_OF_BOUNDS,
          warp,
          1 << lane,
          () ->
              "%d bytes at const[%d..%d] outside %d bytes of constant memory"
                  .formatted(bytes, from, from + bytes - 1, size));
    }
    if (from % bytes != 0) {
      warp.worker.report(
          Check.MISALIGNED,
          warp,
          1 << lane,
          () ->
              "%d bytes at const[%d] is %d past a multiple of %d"
                  .formatted(bytes, from, from % bytes, bytes));
    }
  }

  private static void requireParameters(
      InstructionDecoder decoder, AddressForm address, int bytes) {
    int all = decoder.entry().parameterBytes();
    if (address.offset() < 0 || address.offset() > all - bytes) {
      throw decoder
          .instruction()
          .error(
              "%d bytes at param[%d], outside the %d bytes of parameters"
                  .formatted(bytes, address.offset(), all));
    }
  }

  /** A parameter is the same for all lanes; the address of a buffer brings its origin. */
  private static Operation parameters(AddressForm address, Target target) {
    int elementBytes = target.type().bytes();
    int count = target.places().length;
    return (warp, mask) -> {
      Launch launch = warp.worker.launch();
      for (int k = 0; k < count; k++) {
        int at = (int) address.offset() + k * elementBytes;
        long value = LittleEndian.get(launch.parameters(), at, elementBytes);
        boolean wide = target.widths()[k] == Width.B64;
        int binding = wide ? launch.bindingAt(at) : 0;
        if (mask == Warp.FULL) {
          target.putAll(warp, k, value, binding);
          continue;
        }
        for (int rest = mask; rest != 0; rest &= rest - 1) {
          int i = Integer.numberOfTrailingZeros(rest);
          target.put(warp, i, k, value);
          if (wide) {
            warp.bindings[target.places()[k] + i] = binding;
          }
        }
      }
    };
  }
}
