package org.mirror4j.device.ptx.count;

import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mirror4j.device.ptx.syntax.Instruction;

/**
 * Which unit of a multiprocessor an instruction keeps busy, by the instruction throughput table of
 * the CUDA programming guide. A PTX instruction may become several of the machine's; it counts as
 * one, of the class of what it mainly is.
 */
public enum InstructionClass {
  /**
   * Float add, multiply and fused multiply-add up to 32 bits; integer multiply and multiply-add.
   */
  FMA(Counter.FMA_INSTRUCTIONS),
  /**
   * Integer, logic, compare, select, move; reading parameters and constants, folded by assemblers.
   */
  ALU(Counter.ALU_INSTRUCTIONS),
  /**
   * Transcendental functions, division, roots, bit counts, conversions between integers and floats
   * of up to 32 bits. Those between f32 and halves are {@link #ALU}: from halves they are an
   * addition of zero in half precision.
   */
  SFU(Counter.SFU_INSTRUCTIONS),
  /** Arithmetic on f64, its comparisons, conversions from and to it. */
  F64(Counter.F64_INSTRUCTIONS),
  /** Loads, stores and atomics in global and shared memory. */
  LOAD_STORE(Counter.LOAD_STORE_INSTRUCTIONS),
  /** Exchange between the lanes of a warp. */
  SHUFFLE(Counter.SHUFFLE_INSTRUCTIONS),
  /** Products of matrices by the tensor cores. */
  TENSOR(Counter.TENSOR_INSTRUCTIONS),
  /** Branches, exits, barriers, fences, waits for copies. */
  CONTROL(Counter.CONTROL_INSTRUCTIONS);

  private static final Set<String> CONTROLS =
      Set.of("bra", "ret", "exit", "bar", "barrier", "membar", "fence", "trap", "call");
  private static final Set<String> EXCHANGES =
      Set.of("shfl", "vote", "match", "redux", "activemask", "movmatrix");
  private static final Set<String> MEMORY = Set.of("ld", "st", "atom", "red", "ldmatrix", "cp");
  private static final Set<String> SPECIAL =
      Set.of(
          "ex2", "lg2", "rsqrt", "sqrt", "rcp", "div", "tanh", "sin", "cos", "popc", "clz",
          "bfind");
  private static final Set<String> MULTIPLY_ADD = Set.of("fma", "mul", "mad", "mul24", "mad24");

  /** Rows, columns and depth of a product. */
  private static final Pattern MATRIX_SHAPE = Pattern.compile("m(\\d+)n(\\d+)k(\\d+)");

  private final Counter counter;

  InstructionClass(Counter counter) {
    this.counter = counter;
  }

  /** Where instructions of this class are counted. */
  Counter counter() {
    return counter;
  }

  /** The class of an instruction. */
  public static InstructionClass of(Instruction instruction) {
    String opcode = instruction.opcode();
    List<String> modifiers = instruction.modifiers();
    if (CONTROLS.contains(opcode)) {
      // bar.warp.sync and its kin bring a warp together; they are control all the same.
      return CONTROL;
    }
    if (opcode.equals("mma")) {
      return TENSOR;
    }
    if (modifiers.contains("async") && !modifiers.contains("global")) {
      return CONTROL;
    }
    if (EXCHANGES.contains(opcode)) {
      return SHUFFLE;
    }
    if (MEMORY.contains(opcode)) {
      return modifiers.contains("param") || modifiers.contains("const") ? ALU : LOAD_STORE;
    }
    boolean moves = opcode.equals("mov") || opcode.equals("selp");
    if (modifiers.contains("f64") && !moves) {
      return F64;
    }
    boolean real = modifiers.stream().anyMatch(InstructionClass::isFloat);
    if (SPECIAL.contains(opcode) || opcode.equals("cvt") && real && !isAmongFloats(modifiers)) {
      return SFU;
    }
    boolean sum = opcode.equals("add") || opcode.equals("sub");
    return MULTIPLY_ADD.contains(opcode) || sum && real ? FMA : ALU;
  }

  /** Additions and multiplications of a product of matrices; 0 for any other instruction. */
  static long tensorOperations(Instruction instruction) {
    return of(instruction) != TENSOR
        ? 0
        : instruction.modifiers().stream()
            .map(MATRIX_SHAPE::matcher)
            .filter(Matcher::matches)
            .mapToLong(
                shape ->
                    2
                        * Long.parseLong(shape.group(1))
                        * Long.parseLong(shape.group(2))
                        * Long.parseLong(shape.group(3)))
            .sum();
  }

  /** Whether both types of a conversion are floats: the last two modifiers. */
  private static boolean isAmongFloats(List<String> modifiers) {
    return modifiers.subList(modifiers.size() - 2, modifiers.size()).stream()
        .allMatch(InstructionClass::isFloat);
  }

  private static boolean isFloat(String modifier) {
    return switch (modifier) {
      case "f16", "bf16", "f16x2", "bf16x2", "f32", "tf32" -> true;
      default -> false;
    };
  }
}
