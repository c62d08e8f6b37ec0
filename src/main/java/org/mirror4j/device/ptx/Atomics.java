package org.mirror4j.device.ptx;

import org.mirror4j.device.ptx.LaneLoops.LongTernaryOperator;
import org.mirror4j.device.ptx.memory.NativeMemory;
import org.mirror4j.device.ptx.syntax.StateSpace;
import org.mirror4j.device.ptx.syntax.Type;

/**
 * {@code atom} and {@code red} (ISA 9.7.13): read, combine and write in one piece. The order of
 * lanes is not specified, so it is drawn from the seed of the launch; between CTAs it is that of
 * the Java threads.
 */
final class Atomics {
  private Atomics() {}

  static DecodedOperation update(InstructionDecoder decoder) {
    boolean returns = decoder.instruction().opcode().equals("atom");
    if (decoder.peek().matches("relaxed|acquire|release|acq_rel")) {
      decoder.takeAny();
    }
    if (decoder.peek().matches("cta|gpu|sys")) {
      decoder.takeAny();
    }
    boolean global = decoder.take("global");
    if (!global) {
      decoder.require("shared");
    }
    String name = decoder.takeAny();
    Type type = decoder.type();
    boolean swaps = name.equals("cas");
    LongTernaryOperator function = function(decoder, name, type, global);
    if (!returns && (swaps || name.equals("exch"))) {
      throw decoder.unsupported();
    }
    int address = returns ? 1 : 0;
    decoder.end(address + (swaps ? 3 : 2));
    int d = returns ? decoder.destination(0, type) : -1;
    AddressForm form =
        AddressForm.of(decoder, address, global ? StateSpace.GLOBAL : StateSpace.SHARED);
    int b = decoder.source(address + 1, type);
    int c = swaps ? decoder.source(address + 2, type) : b;
    boolean wide = type.bits() == 64;
    return DecodedOperation.effect(
        (warp, mask) -> {
          form.fill(warp);
          (global ? MemorySpace.GLOBAL : MemorySpace.SHARED).checkAtomic(warp, mask, type.bytes());
          int rotation = rotation(warp);
          for (int k = 0; k < Warp.LANES; k++) {
            int lane = k + rotation & Warp.LANES - 1;
            if ((mask >>> lane & 1) != 0) {
              long first = wide ? warp.wides[b + lane] : warp.words[b + lane];
              long second = wide ? warp.wides[c + lane] : warp.words[c + lane];
              long old =
                  exchange(warp, global, wide, warp.addresses[lane], function, first, second);
              if (d >= 0 && wide) {
                warp.wides[d + lane] = old;
                warp.bindings[d + lane] = 0;
              } else if (d >= 0) {
                warp.words[d + lane] = (int) old;
              }
            }
          }
        });
  }

  /** Which lane is first: any, as the seed, the warp and the line decide. */
  private static int rotation(Warp warp) {
    long seed = warp.worker.launch().options().seed();
    return (int) ((seed + 31L * warp.number + warp.step.site.line()) * 0x9E3779B97F4A7C15L >>> 59);
  }

  private static long exchange(
      Warp warp,
      boolean global,
      boolean wide,
      long address,
      LongTernaryOperator function,
      long first,
      long second) {
    int bytes = wide ? Long.BYTES : Integer.BYTES;
    if (!global) {
      long old = MemorySpace.SHARED.get(warp, address, bytes);
      MemorySpace.SHARED.put(warp, address, bytes, function.applyAsLong(old, first, second));
      return old;
    }
    long old = MemorySpace.GLOBAL.get(warp, address, bytes);
    while (true) {
      long next = function.applyAsLong(old, first, second);
      long found =
          wide
              ? NativeMemory.compareAndExchangeDoubleWord(address, old, next)
              : NativeMemory.compareAndExchangeWord(address, (int) old, (int) next);
      if (found == old) {
        return old;
      }
      old = found;
    }
  }

  /** What is written, from what was there and the operands; words come sign-extended. */
  private static LongTernaryOperator function(
      InstructionDecoder decoder, String name, Type type, boolean global) {
    return switch (name + type) {
      case "add.u32", "add.s32", "add.u64" -> (old, b, c) -> old + b;
      case "add.f32" -> (old, b, c) -> addFloats((int) old, (int) b, global);
      case "min.s32", "min.s64" -> (old, b, c) -> Math.min(old, b);
      case "max.s32", "max.s64" -> (old, b, c) -> Math.max(old, b);
      case "min.u32", "min.u64" -> (old, b, c) -> Long.compareUnsigned(old, b) < 0 ? old : b;
      case "max.u32", "max.u64" -> (old, b, c) -> Long.compareUnsigned(old, b) > 0 ? old : b;
      case "and.b32", "and.b64" -> (old, b, c) -> old & b;
      case "or.b32", "or.b64" -> (old, b, c) -> old | b;
      case "xor.b32", "xor.b64" -> (old, b, c) -> old ^ b;
      case "exch.b32", "exch.b64" -> (old, b, c) -> b;
      case "cas.b32", "cas.b64" -> (old, b, c) -> old == b ? c : old;
      default -> throw decoder.unsupported();
    };
  }

  /** Rounded to nearest; on global memory subnormal numbers become zero, on shared they stay. */
  private static int addFloats(int old, int addend, boolean flush) {
    float a = Float.intBitsToFloat(flush ? FloatArithmetic.flush(old) : old);
    float b = Float.intBitsToFloat(flush ? FloatArithmetic.flush(addend) : addend);
    int sum = Float.floatToRawIntBits(a + b);
    return flush ? FloatArithmetic.flush(sum) : sum;
  }
}
