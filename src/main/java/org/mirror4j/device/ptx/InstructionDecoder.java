package org.mirror4j.device.ptx;

import java.util.Arrays;
import java.util.List;
import org.mirror4j.device.ptx.report.PtxException;
import org.mirror4j.device.ptx.syntax.EntrySyntax;
import org.mirror4j.device.ptx.syntax.Instruction;
import org.mirror4j.device.ptx.syntax.Operand;
import org.mirror4j.device.ptx.syntax.Register;
import org.mirror4j.device.ptx.syntax.Register.Width;
import org.mirror4j.device.ptx.syntax.StateSpace;
import org.mirror4j.device.ptx.syntax.Type;

/**
 * Reads one instruction: its modifiers in order, each taken or refused, and its operands as places
 * in the register files, checked against the type of the instruction (ISA 9.2).
 */
final class InstructionDecoder {
  private final EntrySyntax entry;
  private final RegisterFiles files;
  private final Instruction instruction;
  private int modifier;
  private int[] reads = {};
  private int[] writes = {};
  private int[] wordWrites = {};
  private int[] wideWrites = {};
  private int[] halfWrites = {};

  InstructionDecoder(EntrySyntax entry, RegisterFiles files, Instruction instruction) {
    this.entry = entry;
    this.files = files;
    this.instruction = instruction;
  }

  Instruction instruction() {
    return instruction;
  }

  EntrySyntax entry() {
    return entry;
  }

  int[] reads() {
    return reads;
  }

  int[] writes() {
    return writes;
  }

  int[] wordWrites() {
    return wordWrites;
  }

  int[] wideWrites() {
    return wideWrites;
  }

  int[] halfWrites() {
    return halfWrites;
  }

  /** The instruction is outside the subset. */
  PtxException unsupported() {
    return instruction.error("unsupported '" + instruction.name() + "'");
  }

  /** Takes the next modifier if it is this one. */
  boolean take(String expected) {
    boolean found =
        modifier < instruction.modifiers().size()
            && instruction.modifiers().get(modifier).equals(expected);
    if (found) {
      modifier++;
    }
    return found;
  }

  /** Takes the next modifier, which must be this one. */
  void require(String expected) {
    if (!take(expected)) {
      throw unsupported();
    }
  }

  /** Takes the next modifier, whatever it is. */
  String takeAny() {
    if (modifier == instruction.modifiers().size()) {
      throw unsupported();
    }
    return instruction.modifiers().get(modifier++);
  }

  /** The next modifier without taking it; empty if there is none. */
  String peek() {
    return modifier == instruction.modifiers().size() ? "" : instruction.modifiers().get(modifier);
  }

  /** Takes a type. */
  Type type() {
    Type type = Type.named(takeAny());
    if (type == null) {
      throw unsupported();
    }
    return type;
  }

  /** All modifiers must be taken, and the operands must be this many. */
  void end(int operands) {
    if (modifier != instruction.modifiers().size()) {
      throw unsupported();
    }
    if (instruction.operands().size() != operands) {
      throw instruction.error(
          "'%s' has %d operands, expected %d"
              .formatted(instruction.name(), instruction.operands().size(), operands));
    }
  }

  Operand operand(int index) {
    return instruction.operands().get(index);
  }

  /** A source, as a place in the file of the type's width. */
  int source(int index, Type type) {
    return source(operand(index), type, false);
  }

  /** A source whose register may be wider than the type, as ld, st and cvt allow. */
  int source(Operand operand, Type type, boolean wider) {
    return switch (operand) {
      case Operand.InRegister in -> {
        requireType(in.register(), type, wider);
        reads = append(reads, in.register().serial());
        yield place(in.register());
      }
      case Operand.Special special when type.bits() == 32 && !type.isFloat() ->
          files.special(special.register());
      case Operand.IntegerConstant constant -> files.constant(width(type), bits(constant, type));
      case Operand.FloatConstant constant -> files.constant(width(type), bits(constant, type));
      case Operand.VariableAddress address
          when !type.isFloat() && (type.bits() == 32 || type.bits() == 64) ->
          files.constant(width(type), entry.address(address.variable()) + address.offset());
      default -> throw wrongOperand(operand, type);
    };
  }

  /** A destination, as a place in the file of the type's width. */
  int destination(int index, Type type) {
    return destination(operand(index), type, false);
  }

  /** A destination whose register may be wider than the type, as ld and cvt allow. */
  int destination(Operand operand, Type type, boolean wider) {
    if (operand instanceof Operand.Sink) {
      return files.sink(width(type));
    }
    if (!(operand instanceof Operand.InRegister in)) {
      throw wrongOperand(operand, type);
    }
    Register register = in.register();
    requireType(register, type, wider);
    int place = place(register);
    writes = append(writes, register.serial());
    switch (register.width()) {
      case B16 -> halfWrites = append(halfWrites, place);
      case B32 -> wordWrites = append(wordWrites, place);
      case B64 -> wideWrites = append(wideWrites, place);
      case PREDICATE -> {}
    }
    return place;
  }

  /** The file that a register operand of ld, st or cvt really is in. */
  Width widthOf(Operand operand, Type type) {
    return operand instanceof Operand.InRegister in ? in.register().width() : width(type);
  }

  /** A register that holds an address: of 64 bits, or of 32 in shared and constant memory. */
  int addressRegister(Register register, StateSpace space) {
    boolean fits = register.width() == Width.B64 || space != StateSpace.GLOBAL;
    if (!fits || register.type().isFloat() || register.width().compareTo(Width.B32) < 0) {
      throw instruction.error(
          "'%s' is %s, expected an address in %s"
              .formatted(register.name(), register.type(), space));
    }
    reads = append(reads, register.serial());
    return place(register);
  }

  private void requireType(Register register, Type type, boolean wider) {
    Type declared = register.type();
    boolean width =
        declared.bits() == type.bits()
            || wider && declared.bits() > type.bits() && !declared.isFloat() && type.bits() > 1;
    boolean untyped = declared.kind() == Type.Kind.BITS || type.kind() == Type.Kind.BITS;
    boolean kind = declared == type || untyped || !declared.isFloat() && !type.isFloat();
    boolean halves = type.isFloat() && type.bits() == 16 && declared == Type.B16;
    if (!width || !(kind || halves)) {
      throw instruction.error(
          "'%s' is %s, but %s works on %s"
              .formatted(register.name(), declared, instruction.name(), type));
    }
  }

  private long bits(Operand.IntegerConstant constant, Type type) {
    long value = constant.value();
    boolean single = type == Type.F32 || type == Type.F64 || type == Type.PRED;
    int bits = type.bits();
    boolean fits = bits == 64 || value >= -(1L << bits - 1) && value < 1L << bits;
    if (single || !fits) {
      throw instruction.error("constant %d is no %s".formatted(value, type));
    }
    return bits == 64 ? value : value & (1L << bits) - 1;
  }

  private long bits(Operand.FloatConstant constant, Type type) {
    if (type.bits() == 64 && !constant.single() && type.kind() != Type.Kind.SIGNED) {
      return constant.bits();
    }
    boolean word = type == Type.F32 || type == Type.B32;
    if (!word) {
      throw instruction.error("floating-point constant where %s is expected".formatted(type));
    }
    return constant.single()
        ? constant.bits()
        : Integer.toUnsignedLong(Float.floatToRawIntBits((float) constant.value()));
  }

  private PtxException wrongOperand(Operand operand, Type type) {
    String found =
        switch (operand) {
          case Operand.InRegister in -> in.register().name();
          case Operand.Negated negated -> "!" + negated.register().name();
          case Operand.Special special -> special.register().toString();
          case Operand.VariableAddress address -> address.variable().name();
          case Operand.Address address -> "an address in brackets";
          case Operand.Vector vector -> "a vector";
          case Operand.Pair pair -> "a pair";
          case Operand.Sink sink -> "_";
          default -> "a constant";
        };
    return instruction.error(
        "operand of '%s' is %s, expected %s".formatted(instruction.name(), found, type));
  }

  /** Elements of an operand, which must be a vector of this many. */
  List<Operand> vector(int index, int count) {
    if (!(operand(index) instanceof Operand.Vector(List<Operand> elements))) {
      throw instruction.error(
          "operand %d of '%s' is no vector, expected one of %d registers"
              .formatted(index + 1, instruction.name(), count));
    }
    if (elements.size() != count) {
      throw instruction.error(
          "operand %d of '%s' has %d registers, expected %d"
              .formatted(index + 1, instruction.name(), elements.size(), count));
    }
    return elements;
  }

  /** Elements of a vector operand, or the operand itself. */
  static List<Operand> elements(Operand operand) {
    return operand instanceof Operand.Vector vector ? vector.elements() : List.of(operand);
  }

  private static Width width(Type type) {
    return switch (type.bits()) {
      case 1 -> Width.PREDICATE;
      case 8, 16 -> Width.B16;
      case 32 -> Width.B32;
      default -> Width.B64;
    };
  }

  private static int place(Register register) {
    return RegisterFiles.place(register.width(), register.index());
  }

  private static int[] append(int[] list, int value) {
    int[] longer = Arrays.copyOf(list, list.length + 1);
    longer[list.length] = value;
    return longer;
  }
}
