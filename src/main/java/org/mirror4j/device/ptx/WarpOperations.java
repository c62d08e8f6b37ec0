package org.mirror4j.device.ptx;

import org.mirror4j.device.ptx.report.Check;
import org.mirror4j.device.ptx.syntax.Operand;
import org.mirror4j.device.ptx.syntax.Register;
import org.mirror4j.device.ptx.syntax.Type;

/** Shuffles and votes (ISA 9.7.9.6, 9.7.13): lanes of a member mask exchange values. */
final class WarpOperations {
  private static final int LANES = Warp.LANES;

  private enum Shuffle {
    UP,
    DOWN,
    BFLY,
    IDX
  }

  private WarpOperations() {}

  /** {@code shfl.sync.mode.b32 d[|p], a, b, c, members}. */
  static DecodedOperation shuffle(InstructionDecoder decoder) {
    decoder.require("sync");
    Shuffle mode =
        switch (decoder.takeAny()) {
          case "up" -> Shuffle.UP;
          case "down" -> Shuffle.DOWN;
          case "bfly" -> Shuffle.BFLY;
          case "idx" -> Shuffle.IDX;
          default -> throw decoder.unsupported();
        };
    decoder.require("b32");
    decoder.end(5);
    int d;
    int p = -1;
    if (decoder.operand(0) instanceof Operand.Pair(Operand first, Operand second)) {
      d = decoder.destination(first, Type.B32, false);
      p = decoder.destination(second, Type.PRED, false);
    } else {
      d = decoder.destination(0, Type.B32);
    }
    int a = decoder.source(1, Type.B32);
    int b = decoder.source(2, Type.B32);
    int c = decoder.source(3, Type.B32);
    int members = decoder.source(4, Type.B32);
    int inRange = p;
    return DecodedOperation.warpSync(
        (warp, mask) -> exchange(warp, mask, mode, d, inRange, a, b, c, members), members);
  }

  /**
   * All lanes read before any writes. With the clamp {@code c[4:0]} and the segment mask {@code
   * c[12:8]}, a lane may read up to {@code max}; out of range it reads itself and its predicate is
   * false.
   */
  private static void exchange(
      Warp warp, int mask, Shuffle mode, int d, int p, int a, int b, int c, int members) {
    int[] words = warp.words;
    int[] sources = warp.sources;
    if (mode == Shuffle.BFLY && mask == Warp.FULL && p < 0 && isWhole(words, b, c, members)) {
      int distance = words[b] & LANES - 1;
      for (int lane = 0; lane < LANES; lane++) {
        sources[lane] = words[a + (lane ^ distance)];
      }
      System.arraycopy(sources, 0, words, d, LANES);
      return;
    }
    int inRange = 0;
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      int distance = words[b + lane] & 31;
      int clamp = words[c + lane] & 31;
      int segment = words[c + lane] >>> 8 & 31;
      int last = lane & segment | clamp & ~segment;
      int first = lane & segment;
      int from =
          switch (mode) {
            case UP -> lane - distance;
            case DOWN -> lane + distance;
            case BFLY -> lane ^ distance;
            case IDX -> first | distance & ~segment;
          };
      boolean valid = mode == Shuffle.UP ? from >= last : from <= last;
      from = valid ? from : lane;
      inRange |= valid ? 1 << lane : 0;
      if ((mask & words[members + lane] & 1 << from) == 0) {
        reportSource(warp, lane, from);
      }
      sources[lane] = words[a + from];
    }
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      words[d + lane] = sources[lane];
    }
    if (p >= 0) {
      warp.predicates[p] = warp.predicates[p] & ~mask | inRange;
    }
  }

  /** Whether all lanes exchange at one distance, over the whole warp: none is out of range. */
  private static boolean isWhole(int[] words, int b, int c, int members) {
    int other = 0;
    for (int i = 0; i < LANES; i++) {
      other |= words[b + i] ^ words[b] | words[c + i] ^ LANES - 1 | ~words[members + i];
    }
    return other == 0;
  }

  private static void reportSource(Warp warp, int lane, int from) {
    warp.worker.report(
        Check.WARP_MASK,
        warp,
        1 << lane,
        () -> "reads lane %d, which does not take part".formatted(from));
  }

  /** {@code vote.sync.all/any/uni.pred} and {@code vote.sync.ballot.b32 d, [!]p, members}. */
  static DecodedOperation vote(InstructionDecoder decoder) {
    decoder.require("sync");
    String mode = decoder.takeAny();
    boolean ballot = mode.equals("ballot");
    decoder.require(ballot ? "b32" : "pred");
    decoder.end(3);
    if (!ballot && !mode.matches("all|any|uni")) {
      throw decoder.unsupported();
    }
    int d = decoder.destination(0, ballot ? Type.B32 : Type.PRED);
    boolean negated = decoder.operand(1) instanceof Operand.Negated;
    Operand voted =
        decoder.operand(1) instanceof Operand.Negated(Register inner)
            ? new Operand.InRegister(inner)
            : decoder.operand(1);
    int a = decoder.source(voted, Type.PRED, false);
    int members = decoder.source(2, Type.B32);
    int flip = negated ? -1 : 0;
    return DecodedOperation.warpSync(
        (warp, mask) -> {
          int truth = warp.predicates[a] ^ flip;
          int[] words = warp.words;
          int result = 0;
          for (int rest = mask; rest != 0; rest &= rest - 1) {
            int lane = Integer.numberOfTrailingZeros(rest);
            int group = words[members + lane] & mask;
            int votes = truth & group;
            if (ballot) {
              words[d + lane] = votes;
            } else {
              boolean holds =
                  switch (mode) {
                    case "all" -> votes == group;
                    case "any" -> votes != 0;
                    default -> votes == group || votes == 0;
                  };
              result |= holds ? 1 << lane : 0;
            }
          }
          if (!ballot) {
            warp.predicates[d] = warp.predicates[d] & ~mask | result;
          }
        },
        members);
  }

  /** {@code activemask.b32}: who happens to be here; not the same in every schedule. */
  static DecodedOperation activeMask(InstructionDecoder decoder) {
    decoder.require("b32");
    decoder.end(1);
    int d = decoder.destination(0, Type.B32);
    return DecodedOperation.lanes(
        (warp, mask) -> {
          for (int i = 0; i < LANES; i++) {
            warp.words[d + i] = mask;
          }
        });
  }
}
