package org.mirror4j.device.ptx.syntax;

import java.util.List;

/** What an instruction works on, resolved. */
public sealed interface Operand {
  /** A register, whole. */
  record InRegister(Register register) implements Operand {}

  /** A predicate used negated: {@code !%p}. */
  record Negated(Register register) implements Operand {}

  /** One of the registers that tell a thread its place. */
  record Special(SpecialRegister register) implements Operand {}

  /** An integer of 64 bits. */
  record IntegerConstant(long value) implements Operand {}

  /**
   * A floating-point constant.
   *
   * @param value a single-precision constant ({@code 0f}) widened, which is exact but for the
   *     payload of a NaN
   * @param bits bits as written, in the lowest 32 for a single-precision constant
   * @param single written with {@code 0f}
   */
  record FloatConstant(double value, long bits, boolean single) implements Operand {}

  /** The address of a variable within its space, plus bytes. */
  record VariableAddress(Variable variable, long offset) implements Operand {}

  /** {@code [base + offset]}: base is a register, a variable, a parameter or null. */
  record Address(Register register, Variable variable, Parameter parameter, long offset)
      implements Operand {}

  /** {@code {a, b}}; a null element is the sink {@code _}. */
  record Vector(List<Operand> elements) implements Operand {}

  /** {@code p|q}, the two destinations of setp, or of shfl.sync with its in-range predicate. */
  record Pair(Operand first, Operand second) implements Operand {}

  /** The sink {@code _}. */
  record Sink() implements Operand {}

  /** Where a branch goes: an index into the instructions; their number is the end of the entry. */
  record Label(String name, int target) implements Operand {}
}
