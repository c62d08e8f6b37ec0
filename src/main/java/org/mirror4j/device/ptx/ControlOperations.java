package org.mirror4j.device.ptx;

import org.mirror4j.device.ptx.syntax.Operand;
import org.mirror4j.device.ptx.syntax.Type;

/** Branches, ends and barriers of a CTA (ISA 9.7.12 and 9.7.13); the executor does them itself. */
final class ControlOperations {
  private static final int BARRIERS = 16;

  private ControlOperations() {}

  static DecodedOperation branch(InstructionDecoder decoder) {
    boolean uniform = decoder.take("uni");
    decoder.end(1);
    return DecodedOperation.branch(((Operand.Label) decoder.operand(0)).target(), uniform);
  }

  static DecodedOperation exit(InstructionDecoder decoder) {
    // ret.uni only hints; all lanes that are here leave.
    if (decoder.instruction().opcode().equals("ret")) {
      decoder.take("uni");
    }
    decoder.end(0);
    return DecodedOperation.exit();
  }

  /** {@code bar.sync}, {@code barrier.sync}, {@code bar.warp.sync}. */
  static DecodedOperation barrier(InstructionDecoder decoder) {
    boolean bar = decoder.instruction().opcode().equals("bar");
    if (bar && decoder.take("warp")) {
      decoder.require("sync");
      decoder.end(1);
      int members = decoder.source(0, Type.B32);
      return DecodedOperation.warpSync(
          (warp, mask) -> {
            // A barrier of some lanes orders nothing for the others.
            if ((warp.words[members + Integer.numberOfTrailingZeros(mask)] & warp.live)
                == warp.live) {
              warp.worker.shared().warpBarrier(warp.number);
            }
          },
          members);
    }
    decoder.require("sync");
    if (!bar) {
      decoder.take("aligned");
    }
    decoder.end(1);
    boolean constant = decoder.operand(0) instanceof Operand.IntegerConstant;
    long number = decoder.operand(0) instanceof Operand.IntegerConstant(long value) ? value : 0;
    if (!constant || number < 0 || number >= BARRIERS) {
      throw decoder.instruction().error("barrier must be a constant from 0 to 15");
    }
    return DecodedOperation.barrier((int) number);
  }

  /** {@code membar} and {@code fence}: memory is in order here anyway. */
  static DecodedOperation fence(InstructionDecoder decoder) {
    String scope = decoder.takeAny();
    if (decoder.instruction().opcode().equals("fence")) {
      if (!scope.equals("sc") && !scope.equals("acq_rel")) {
        throw decoder.unsupported();
      }
      scope = decoder.takeAny();
    }
    switch (scope) {
      case "cta", "gl", "gpu", "sys" -> decoder.end(0);
      default -> throw decoder.unsupported();
    }
    return DecodedOperation.effect((warp, mask) -> {});
  }
}
