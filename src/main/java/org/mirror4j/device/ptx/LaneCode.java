package org.mirror4j.device.ptx;

import java.util.List;
import org.mirror4j.device.ptx.syntax.EntrySyntax;
import org.mirror4j.device.ptx.syntax.Instruction;
import org.mirror4j.device.ptx.syntax.Operand;
import org.mirror4j.device.ptx.syntax.Register.Width;
import org.mirror4j.device.ptx.syntax.Type;

/**
 * An instruction that works lane by lane as a call of one of the classes that do so for all lanes.
 * Each has a method {@code apply(Warp warp, int mask, int operation, int d, int a, int b, int c)}.
 * Those with vectors are too long for the Java machine to put them into their callers: they are
 * compiled once, however many kernels there are, and no caller grows so long that its vectors go
 * through the heap.
 *
 * @param lanes the class
 * @param d place of the destination
 * @param a place of the first source, and so on; 0 where there is none
 */
record LaneCode(Class<?> lanes, int operation, int d, int a, int b, int c) {

  private static final int MOST_SOURCES = 3;

  /** The call for an instruction; null where only the reference executes it. */
  static LaneCode of(EntrySyntax entry, RegisterFiles files, Instruction instruction) {
    InstructionDecoder decoder = new InstructionDecoder(entry, files, instruction);
    String name = instruction.name();
    List<Operand> operands = instruction.operands();
    if (operands.stream().anyMatch(Operand.Vector.class::isInstance)) {
      return switch (name) {
        case "mov.b32" -> packed(decoder, operands);
        case "mov.b64" -> parted(decoder, operands);
        default -> null;
      };
    }
    LaneCode conversion = conversion(decoder, name);
    if (conversion != null) {
      return conversion;
    }
    int operation = FloatLanes.operation(name);
    if (operation >= 0) {
      return code(decoder, FloatLanes.class, operation, Type.F32);
    }
    operation = WordLanes.operation(name);
    if (operation >= 0) {
      return code(decoder, WordLanes.class, operation, Type.B32);
    }
    operation = BitLanes.operation(name);
    if (name.equals("lop3.b32")) {
      boolean parity = operands.get(4).equals(new Operand.IntegerConstant(BitLanes.PARITY_TABLE));
      operation = parity ? BitLanes.PARITY : -1;
    }
    if (operation >= 0) {
      return bits(decoder, operation);
    }
    operation = WideLanes.operation(name);
    if (operation >= 0) {
      return wide(decoder, operation);
    }
    operation = ApproximateLanes.operation(name);
    if (operation >= 0) {
      int d = decoder.destination(0, Type.F32);
      int a = decoder.source(1, Type.F32);
      return new LaneCode(
          ApproximateLanes.class,
          operation,
          d,
          a,
          instruction.index(),
          name.contains("ftz") ? 1 : 0);
    }
    operation = ComparisonLanes.operation(name);
    return operation >= 0 ? comparison(decoder, operation, name) : null;
  }

  private static LaneCode comparison(InstructionDecoder decoder, int operation, String name) {
    List<Operand> operands = decoder.instruction().operands();
    boolean combined = operands.size() == 4;
    if (!(operands.get(0) instanceof Operand.InRegister)
        || combined && !(operands.get(3) instanceof Operand.InRegister)) {
      return null;
    }
    Type type = name.endsWith("f32") ? Type.F32 : Type.B32;
    int p = decoder.destination(0, Type.PRED);
    int first = decoder.source(1, type);
    int second = decoder.source(2, type);
    int c = combined ? decoder.source(3, Type.PRED) : 0;
    boolean exchanged = ComparisonLanes.exchanges(name);
    int a = exchanged ? second : first;
    int b = exchanged ? first : second;
    return new LaneCode(ComparisonLanes.class, operation, p, a, b, c);
  }

  /** Destination and sources of one type. */
  private static LaneCode code(
      InstructionDecoder decoder, Class<?> lanes, int operation, Type type) {
    List<Operand> operands = decoder.instruction().operands();
    int sources = Math.min(operands.size() - 1, MOST_SOURCES);
    return new LaneCode(
        lanes,
        operation,
        decoder.destination(0, type),
        decoder.source(1, type),
        sources > 1 ? decoder.source(2, type) : 0,
        sources > 2 ? decoder.source(3, type) : 0);
  }

  private static LaneCode bits(InstructionDecoder decoder, int operation) {
    if (operation != BitLanes.SELECT) {
      return code(decoder, BitLanes.class, operation, Type.B32);
    }
    int d = decoder.destination(0, Type.B32);
    int a = decoder.source(1, Type.B32);
    int b = decoder.source(2, Type.B32);
    return new LaneCode(BitLanes.class, operation, d, a, b, decoder.source(3, Type.PRED));
  }

  private static LaneCode wide(InstructionDecoder decoder, int operation) {
    boolean fromWords = operation != WideLanes.ADD && operation != WideLanes.MOVE;
    Type source = fromWords ? Type.B32 : Type.B64;
    int operands = decoder.instruction().operands().size();
    if (fromWords && decoder.widthOf(decoder.operand(1), Type.B32) != Width.B32) {
      return null;
    }
    return new LaneCode(
        WideLanes.class,
        operation,
        decoder.destination(0, Type.B64),
        decoder.source(1, source),
        operands > 2 ? decoder.source(2, source) : 0,
        operands > 3 ? decoder.source(3, Type.B64) : 0);
  }

  private static LaneCode conversion(InstructionDecoder decoder, String name) {
    int operation = ConversionLanes.operation(name);
    if (operation < 0) {
      return null;
    }
    Type from = Type.named(name.substring(name.lastIndexOf('.') + 1));
    boolean pair = name.contains("x2");
    String to = decoder.instruction().modifiers().get(name.contains(".rn.") ? 1 : 0);
    int d = decoder.destination(0, pair ? Type.B32 : Type.named(to));
    int a = decoder.source(1, from);
    return new LaneCode(
        ConversionLanes.class, operation, d, a, pair ? decoder.source(2, from) : 0, 0);
  }

  /** Two words from a double word. */
  private static LaneCode parted(InstructionDecoder decoder, List<Operand> operands) {
    List<Operand> words = InstructionDecoder.elements(operands.get(0));
    if (words.size() != 2 || operands.get(1) instanceof Operand.Vector) {
      return null;
    }
    int a = decoder.source(1, Type.B64);
    int lower = decoder.destination(words.get(0), Type.B32, false);
    int upper = decoder.destination(words.get(1), Type.B32, false);
    return new LaneCode(WideLanes.class, WideLanes.PART, lower, a, upper, 0);
  }

  /** A word from two halves, or two halves from a word. */
  private static LaneCode packed(InstructionDecoder decoder, List<Operand> operands) {
    boolean packs = operands.get(1) instanceof Operand.Vector;
    List<Operand> halves = InstructionDecoder.elements(operands.get(packs ? 1 : 0));
    if (halves.size() != 2) {
      return null;
    }
    if (packs) {
      int d = decoder.destination(0, Type.B32);
      int a = decoder.source(halves.get(0), Type.B16, false);
      int b = decoder.source(halves.get(1), Type.B16, false);
      return new LaneCode(ConversionLanes.class, ConversionLanes.PACK, d, a, b, 0);
    }
    int a = decoder.source(1, Type.B32);
    int lower = decoder.destination(halves.get(0), Type.B16, false);
    int upper = decoder.destination(halves.get(1), Type.B16, false);
    return new LaneCode(ConversionLanes.class, ConversionLanes.UNPACK, lower, a, upper, 0);
  }
}
