package org.mirror4j.device.ptx;

import java.util.function.IntBinaryOperator;
import org.mirror4j.device.ptx.syntax.Type;

/** {@code redux.sync} and {@code match.any.sync}: one value of all lanes of a member mask. */
final class WarpReductions {
  private WarpReductions() {}

  /** {@code redux.sync.op.type d, a, members}. */
  static DecodedOperation reduce(InstructionDecoder decoder) {
    decoder.require("sync");
    String name = decoder.takeAny();
    Type type = decoder.type();
    decoder.end(3);
    IntBinaryOperator function =
        switch (name + type) {
          case "add.u32", "add.s32" -> Integer::sum;
          case "min.s32" -> Math::min;
          case "max.s32" -> Math::max;
          case "min.u32" -> (x, y) -> Integer.compareUnsigned(x, y) < 0 ? x : y;
          case "max.u32" -> (x, y) -> Integer.compareUnsigned(x, y) > 0 ? x : y;
          case "and.b32" -> (x, y) -> x & y;
          case "or.b32" -> (x, y) -> x | y;
          case "xor.b32" -> (x, y) -> x ^ y;
          default -> throw decoder.unsupported();
        };
    int d = decoder.destination(0, type);
    int a = decoder.source(1, type);
    int members = decoder.source(2, Type.B32);
    return DecodedOperation.warpSync(
        (warp, mask) -> {
          for (int rest = mask; rest != 0; rest &= rest - 1) {
            int lane = Integer.numberOfTrailingZeros(rest);
            int group = warp.words[members + lane] & mask;
            int result = warp.words[a + Integer.numberOfTrailingZeros(group)];
            for (int others = group & group - 1; others != 0; others &= others - 1) {
              int other = warp.words[a + Integer.numberOfTrailingZeros(others)];
              result = function.applyAsInt(result, other);
            }
            warp.sources[lane] = result;
          }
          write(warp, mask, d);
        },
        members);
  }

  /** {@code match.any.sync.b32 d, a, members}: the lanes that hold the same value. */
  static DecodedOperation match(InstructionDecoder decoder) {
    decoder.require("any");
    decoder.require("sync");
    decoder.require("b32");
    decoder.end(3);
    int d = decoder.destination(0, Type.B32);
    int a = decoder.source(1, Type.B32);
    int members = decoder.source(2, Type.B32);
    return DecodedOperation.warpSync(
        (warp, mask) -> {
          for (int rest = mask; rest != 0; rest &= rest - 1) {
            int lane = Integer.numberOfTrailingZeros(rest);
            int same = 0;
            for (int group = warp.words[members + lane] & mask; group != 0; group &= group - 1) {
              int other = Integer.numberOfTrailingZeros(group);
              same |= warp.words[a + other] == warp.words[a + lane] ? 1 << other : 0;
            }
            warp.sources[lane] = same;
          }
          write(warp, mask, d);
        },
        members);
  }

  /** All lanes have read before any writes: the destination may be the source. */
  private static void write(Warp warp, int mask, int d) {
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      warp.words[d + lane] = warp.sources[lane];
    }
  }
}
