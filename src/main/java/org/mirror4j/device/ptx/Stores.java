package org.mirror4j.device.ptx;

import java.util.List;
import org.mirror4j.device.ptx.memory.NativeMemory;
import org.mirror4j.device.ptx.memory.SharedMemory;
import org.mirror4j.device.ptx.syntax.Operand;
import org.mirror4j.device.ptx.syntax.Register.Width;
import org.mirror4j.device.ptx.syntax.StateSpace;

/** {@code st} to global, shared and local memory (ISA 9.7.9.11). */
final class Stores {
  private Stores() {}

  static DecodedOperation store(InstructionDecoder decoder) {
    MemoryModifiers modifiers = MemoryModifiers.of(decoder);
    decoder.end(2);
    StateSpace to = modifiers.space();
    MemorySpace space =
        switch (to) {
          case GLOBAL -> MemorySpace.GLOBAL;
          case SHARED -> MemorySpace.SHARED;
          case LOCAL -> MemorySpace.LOCAL;
          case CONST, PARAM -> throw decoder.unsupported();
        };
    List<Operand> elements = InstructionDecoder.elements(decoder.operand(1));
    if (elements.size() != modifiers.elements()) {
      throw decoder
          .instruction()
          .error("%d sources, expected %d".formatted(elements.size(), modifiers.elements()));
    }
    AddressForm address = AddressForm.of(decoder, 0, to);
    int[] places = new int[elements.size()];
    Width[] widths = new Width[elements.size()];
    boolean words = modifiers.type().bits() == 32;
    for (int k = 0; k < places.length; k++) {
      places[k] = decoder.source(elements.get(k), modifiers.type(), true);
      widths[k] = decoder.widthOf(elements.get(k), modifiers.type());
      words &= widths[k] == Width.B32;
    }
    if (words && space != MemorySpace.LOCAL) {
      return DecodedOperation.effect(
          to == StateSpace.GLOBAL ? globalWords(address, places) : sharedWords(address, places));
    }
    return DecodedOperation.effect(
        elements(space, address, places, widths, modifiers.type().bytes()));
  }

  private static Operation globalWords(AddressForm address, int[] places) {
    int bytes = places.length * Integer.BYTES;
    return (warp, mask) -> {
      address.fill(warp);
      MemorySpace.GLOBAL.checkStore(warp, mask, bytes);
      long[] addresses = warp.addresses;
      int[] words = warp.words;
      for (int rest = mask; rest != 0; rest &= rest - 1) {
        int i = Integer.numberOfTrailingZeros(rest);
        for (int k = 0; k < places.length; k++) {
          NativeMemory.putWord(addresses[i] + k * Integer.BYTES, words[places[k] + i]);
        }
      }
    };
  }

  private static Operation sharedWords(AddressForm address, int[] places) {
    int bytes = places.length * Integer.BYTES;
    return (warp, mask) -> {
      address.fill(warp);
      MemorySpace.SHARED.checkStore(warp, mask, bytes);
      SharedMemory shared = warp.worker.shared();
      long[] addresses = warp.addresses;
      int[] words = warp.words;
      for (int rest = mask; rest != 0; rest &= rest - 1) {
        int i = Integer.numberOfTrailingZeros(rest);
        for (int k = 0; k < places.length; k++) {
          shared.putWord((int) addresses[i] + k * Integer.BYTES, words[places[k] + i]);
        }
      }
    };
  }

  private static Operation elements(
      MemorySpace space, AddressForm address, int[] places, Width[] widths, int elementBytes) {
    return (warp, mask) -> {
      address.fill(warp);
      space.checkStore(warp, mask, places.length * elementBytes);
      for (int rest = mask; rest != 0; rest &= rest - 1) {
        int i = Integer.numberOfTrailingZeros(rest);
        for (int k = 0; k < places.length; k++) {
          long value =
              switch (widths[k]) {
                case B16 -> warp.halves[places[k] + i];
                case B32 -> warp.words[places[k] + i];
                default -> warp.wides[places[k] + i];
              };
          space.put(warp, warp.addresses[i] + (long) k * elementBytes, elementBytes, value);
        }
      }
    };
  }
}
