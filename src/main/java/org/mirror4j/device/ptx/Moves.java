package org.mirror4j.device.ptx;

import java.util.List;
import org.mirror4j.device.ptx.syntax.Operand;
import org.mirror4j.device.ptx.syntax.Type;

/** {@code mov}, packing and unpacking, {@code selp}, {@code cvta} (ISA 9.7.9). */
final class Moves {
  private static final int LANES = Warp.LANES;

  private Moves() {}

  static DecodedOperation move(InstructionDecoder decoder) {
    Type type = decoder.type();
    decoder.end(2);
    if (decoder.operand(1) instanceof Operand.Vector vector) {
      return pack(decoder, type, vector.elements());
    }
    if (decoder.operand(0) instanceof Operand.Vector vector) {
      return unpack(decoder, type, vector.elements());
    }
    if (type.bits() == 8 || type.bits() == 16 && type.isFloat() || type == Type.TF32) {
      throw decoder.unsupported();
    }
    int d = decoder.destination(0, type);
    int a = decoder.source(1, type);
    return DecodedOperation.lanes(
        switch (type.bits()) {
          case 1 ->
              (warp, mask) ->
                  warp.predicates[d] = warp.predicates[d] & ~mask | warp.predicates[a] & mask;
          case 16 -> (warp, mask) -> System.arraycopy(warp.halves, a, warp.halves, d, LANES);
          case 32 -> (warp, mask) -> System.arraycopy(warp.words, a, warp.words, d, LANES);
          default -> copyWides(d, a);
        });
  }

  private static Operation copyWides(int d, int a) {
    return (warp, mask) -> {
      System.arraycopy(warp.wides, a, warp.wides, d, LANES);
      System.arraycopy(warp.bindings, a, warp.bindings, d, LANES);
    };
  }

  /** {@code cvta.to.global.u64}: addresses are the same in both spaces here. */
  static DecodedOperation convertAddress(InstructionDecoder decoder) {
    decoder.take("to");
    decoder.require("global");
    decoder.require("u64");
    decoder.end(2);
    int d = decoder.destination(0, Type.U64);
    int a = decoder.source(1, Type.U64);
    return DecodedOperation.lanes(copyWides(d, a));
  }

  /** First elements are the lower bits. */
  private static DecodedOperation pack(
      InstructionDecoder decoder, Type type, List<Operand> elements) {
    int[] sources = new int[elements.size()];
    Type element = elementType(decoder, type, elements.size());
    int d = decoder.destination(0, type);
    for (int i = 0; i < sources.length; i++) {
      sources[i] = decoder.source(elements.get(i), element, false);
    }
    return DecodedOperation.lanes(
        switch (type.bits() + "/" + element.bits()) {
          case "32/16" ->
              (warp, mask) -> {
                short[] halves = warp.halves;
                for (int i = 0; i < LANES; i++) {
                  warp.words[d + i] =
                      halves[sources[0] + i] & 0xFFFF | halves[sources[1] + i] << 16;
                }
              };
          case "64/32" ->
              (warp, mask) -> {
                int[] words = warp.words;
                for (int i = 0; i < LANES; i++) {
                  warp.wides[d + i] =
                      words[sources[0] + i] & 0xFFFFFFFFL | (long) words[sources[1] + i] << 32;
                }
                LaneLoops.forgetOrigin(warp, d);
              };
          default ->
              (warp, mask) -> {
                for (int i = 0; i < LANES; i++) {
                  long packed = 0;
                  for (int k = 3; k >= 0; k--) {
                    packed = packed << 16 | warp.halves[sources[k] + i] & 0xFFFF;
                  }
                  warp.wides[d + i] = packed;
                }
                LaneLoops.forgetOrigin(warp, d);
              };
        });
  }

  private static DecodedOperation unpack(
      InstructionDecoder decoder, Type type, List<Operand> elements) {
    int[] destinations = new int[elements.size()];
    Type element = elementType(decoder, type, elements.size());
    int a = decoder.source(1, type);
    for (int i = 0; i < destinations.length; i++) {
      destinations[i] = decoder.destination(elements.get(i), element, false);
    }
    return DecodedOperation.lanes(
        (warp, mask) -> {
          for (int i = 0; i < LANES; i++) {
            long value = type.bits() == 32 ? warp.words[a + i] : warp.wides[a + i];
            for (int k = 0; k < destinations.length; k++) {
              if (element.bits() == 16) {
                warp.halves[destinations[k] + i] = (short) (value >>> 16 * k);
              } else {
                warp.words[destinations[k] + i] = (int) (value >>> 32 * k);
              }
            }
          }
        });
  }

  private static Type elementType(InstructionDecoder decoder, Type type, int elements) {
    boolean packs = type == Type.B32 && elements == 2 || type == Type.B64;
    if (!packs || elements != 2 && elements != 4) {
      throw decoder.unsupported();
    }
    return type.bits() / elements == 16 ? Type.B16 : Type.B32;
  }

  /** {@code selp d, a, b, p}: a where p is true. */
  static DecodedOperation select(InstructionDecoder decoder) {
    Type type = decoder.type();
    decoder.end(4);
    if (type.bits() < 16) {
      throw decoder.unsupported();
    }
    int d = decoder.destination(0, type);
    int a = decoder.source(1, type);
    int b = decoder.source(2, type);
    int p = decoder.source(3, Type.PRED);
    return DecodedOperation.lanes(
        switch (type.bits()) {
          case 16 ->
              (warp, mask) -> {
                short[] halves = warp.halves;
                int truth = warp.predicates[p];
                for (int i = 0; i < LANES; i++) {
                  halves[d + i] = (truth >>> i & 1) != 0 ? halves[a + i] : halves[b + i];
                }
              };
          case 32 ->
              (warp, mask) -> {
                int[] words = warp.words;
                int truth = warp.predicates[p];
                for (int i = 0; i < LANES; i++) {
                  words[d + i] = (truth >>> i & 1) != 0 ? words[a + i] : words[b + i];
                }
              };
          default ->
              (warp, mask) -> {
                int truth = warp.predicates[p];
                for (int i = 0; i < LANES; i++) {
                  int from = (truth >>> i & 1) != 0 ? a + i : b + i;
                  warp.wides[d + i] = warp.wides[from];
                  warp.bindings[d + i] = warp.bindings[from];
                }
              };
        });
  }
}
