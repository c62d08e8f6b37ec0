package org.mirror4j.device.ptx;

/** The instruction set: which class decodes which opcode. */
final class Decoder {
  private Decoder() {}

  /**
   * Makes an instruction executable.
   *
   * @throws org.mirror4j.device.ptx.report.PtxException if it is outside the subset
   */
  static DecodedOperation decode(InstructionDecoder decoder) {
    if (Approximations.decodes(decoder.instruction())) {
      return Approximations.decode(decoder);
    }
    String last = lastModifier(decoder);
    boolean isFloat = last.startsWith("f") || last.startsWith("bf");
    return switch (decoder.instruction().opcode()) {
      case "add" -> isFloat ? FloatArithmetic.add(decoder) : IntegerArithmetic.add(decoder);
      case "sub" ->
          isFloat ? FloatArithmetic.subtract(decoder) : IntegerArithmetic.subtract(decoder);
      case "mul" ->
          isFloat ? FloatArithmetic.multiply(decoder) : IntegerMultiplication.multiply(decoder);
      case "mad" -> IntegerMultiplication.multiplyAdd(decoder);
      case "fma" -> FloatArithmetic.fusedMultiplyAdd(decoder);
      case "div" ->
          isFloat ? FloatArithmetic.divide(decoder) : IntegerArithmetic.divide(decoder, false);
      case "rem" -> IntegerArithmetic.divide(decoder, true);
      case "sqrt" -> FloatArithmetic.squareRoot(decoder);
      case "rcp" -> FloatArithmetic.reciprocal(decoder);
      case "neg" ->
          isFloat ? FloatArithmetic.sign(decoder, true) : IntegerArithmetic.sign(decoder, true);
      case "abs" ->
          isFloat ? FloatArithmetic.sign(decoder, false) : IntegerArithmetic.sign(decoder, false);
      case "min" ->
          isFloat
              ? FloatArithmetic.extreme(decoder, false)
              : IntegerArithmetic.extreme(decoder, false);
      case "max" ->
          isFloat
              ? FloatArithmetic.extreme(decoder, true)
              : IntegerArithmetic.extreme(decoder, true);
      case "and", "or", "xor" -> BitOperations.logic(decoder);
      case "not" -> BitOperations.not(decoder);
      case "shl", "shr" -> BitOperations.shift(decoder);
      case "shf" -> BitOperations.funnelShift(decoder);
      case "popc", "clz", "brev" -> BitOperations.count(decoder);
      case "bfe" -> BitOperations.extract(decoder);
      case "bfi" -> BitOperations.insert(decoder);
      case "prmt" -> BitOperations.permute(decoder);
      case "lop3" -> BitOperations.lookup(decoder);
      case "setp" -> Comparisons.setPredicate(decoder);
      case "selp" -> Moves.select(decoder);
      case "mov" -> Moves.move(decoder);
      case "cvt" -> Conversions.convert(decoder);
      case "cvta" -> Moves.convertAddress(decoder);
      case "ld" -> Loads.load(decoder);
      case "st" -> Stores.store(decoder);
      case "shfl" -> WarpOperations.shuffle(decoder);
      case "vote" -> WarpOperations.vote(decoder);
      case "redux" -> WarpReductions.reduce(decoder);
      case "match" -> WarpReductions.match(decoder);
      case "cp" -> AsyncCopies.copy(decoder);
      case "mma" -> TensorOperations.multiply(decoder);
      case "ldmatrix" -> MatrixMoves.load(decoder);
      case "movmatrix" -> MatrixMoves.transpose(decoder);
      case "atom", "red" -> Atomics.update(decoder);
      case "activemask" -> WarpOperations.activeMask(decoder);
      case "bar", "barrier" -> ControlOperations.barrier(decoder);
      case "membar", "fence" -> ControlOperations.fence(decoder);
      case "bra" -> ControlOperations.branch(decoder);
      case "ret", "exit" -> ControlOperations.exit(decoder);
      default -> throw decoder.unsupported();
    };
  }

  private static String lastModifier(InstructionDecoder decoder) {
    return decoder.instruction().modifiers().isEmpty()
        ? ""
        : decoder.instruction().modifiers().getLast();
  }
}
