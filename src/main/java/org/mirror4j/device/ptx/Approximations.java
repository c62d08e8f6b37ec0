package org.mirror4j.device.ptx;

import static java.lang.Float.floatToRawIntBits;
import static java.lang.Float.intBitsToFloat;

import org.mirror4j.device.ptx.number.Approximation;
import org.mirror4j.device.ptx.syntax.Instruction;
import org.mirror4j.device.ptx.syntax.Type;

/**
 * Instructions whose result the ISA only bounds (9.7.3): ex2, lg2, rsqrt, sqrt, rcp, div and tanh
 * on f32. Where in the bound a result lies is an option of the launch, which nothing but these
 * operations asks for.
 */
final class Approximations {
  private static final int LANES = Warp.LANES;

  @FunctionalInterface
  private interface Unary {
    float apply(Approximation approximation, float x);
  }

  private Approximations() {}

  /** Whether an instruction is one of these: all and only they say so in their name. */
  static boolean decodes(Instruction instruction) {
    return instruction.modifiers().contains("approx") || instruction.modifiers().contains("full");
  }

  static DecodedOperation decode(InstructionDecoder decoder) {
    return decoder.instruction().opcode().equals("div") ? divide(decoder) : unary(decoder);
  }

  private static DecodedOperation unary(InstructionDecoder decoder) {
    decoder.require("approx");
    boolean flush = decoder.take("ftz");
    decoder.require("f32");
    decoder.end(2);
    int d = decoder.destination(0, Type.F32);
    int a = decoder.source(1, Type.F32);
    Unary function =
        switch (decoder.instruction().opcode()) {
          case "ex2" -> Approximation::ex2;
          case "lg2" -> Approximation::lg2;
          case "rsqrt" -> Approximation::rsqrt;
          case "sqrt" -> Approximation::sqrt;
          case "rcp" -> Approximation::rcp;
          case "tanh" -> Approximation::tanh;
          default -> throw decoder.unsupported();
        };
    if (flush && decoder.instruction().opcode().equals("tanh")) {
      throw decoder.unsupported();
    }
    return DecodedOperation.lanes(
        (warp, mask) -> {
          Approximation approximation = warp.worker.launch().options().approximation();
          int[] words = warp.words;
          for (int i = 0; i < LANES; i++) {
            int in = flush ? FloatArithmetic.flush(words[a + i]) : words[a + i];
            int out = floatToRawIntBits(function.apply(approximation, intBitsToFloat(in)));
            words[d + i] = flush ? FloatArithmetic.flush(out) : out;
          }
        });
  }

  /** {@code div.approx} and {@code div.full}. */
  private static DecodedOperation divide(InstructionDecoder decoder) {
    boolean full = decoder.take("full");
    if (!full) {
      decoder.require("approx");
    }
    boolean flush = decoder.take("ftz");
    decoder.require("f32");
    decoder.end(3);
    int d = decoder.destination(0, Type.F32);
    int a = decoder.source(1, Type.F32);
    int b = decoder.source(2, Type.F32);
    return DecodedOperation.lanes(
        (warp, mask) -> {
          Approximation approximation = warp.worker.launch().options().approximation();
          int[] words = warp.words;
          for (int i = 0; i < LANES; i++) {
            float x = intBitsToFloat(flush ? FloatArithmetic.flush(words[a + i]) : words[a + i]);
            float y = intBitsToFloat(flush ? FloatArithmetic.flush(words[b + i]) : words[b + i]);
            int out =
                floatToRawIntBits(full ? approximation.divFull(x, y) : approximation.div(x, y));
            words[d + i] = flush ? FloatArithmetic.flush(out) : out;
          }
        });
  }
}
