package org.mirror4j.device.ptx.syntax;

import java.util.List;
import org.mirror4j.device.ptx.report.InstructionSite;
import org.mirror4j.device.ptx.report.PtxException;

/**
 * One instruction of an entry.
 *
 * @param file name of the PTX file
 * @param line line in it, from 1
 * @param index place among the instructions of its entry
 * @param opcode first part of the name: {@code ld}
 * @param modifiers the other parts, without dots: {@code global, v4, f32}
 * @param guard the predicate it runs under, or null
 */
public record Instruction(
    String file,
    int line,
    int index,
    String opcode,
    List<String> modifiers,
    Guard guard,
    List<Operand> operands) {
  /** {@code @%p} or {@code @!%p}. */
  public record Guard(Register register, boolean negated) {}

  /** Whole name: {@code ld.global.v4.f32}. */
  public String name() {
    return modifiers.isEmpty() ? opcode : opcode + "." + String.join(".", modifiers);
  }

  /** Place and name, as every report begins: {@code file.ptx:61 ld.global.v4.f32}. */
  public InstructionSite site() {
    return new InstructionSite(file, line, name());
  }

  /** An error at this instruction. */
  public PtxException error(String message) {
    return PtxException.at(file, line, message);
  }
}
