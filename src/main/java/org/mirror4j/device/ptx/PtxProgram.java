package org.mirror4j.device.ptx;

import java.util.List;
import org.mirror4j.device.ptx.syntax.EntrySyntax;
import org.mirror4j.device.ptx.syntax.Instruction;
import org.mirror4j.device.ptx.syntax.StateSpace;
import org.mirror4j.device.ptx.syntax.Type;

/** An entry with every instruction decoded once. Immutable; any number of launches may share it. */
public final class PtxProgram {
  private static final int WIDEST_GRANULE = 4;

  private final EntrySyntax syntax;
  private final RegisterFiles files;
  private final Step[] code;
  private final byte[] constants;

  PtxProgram(EntrySyntax syntax, byte[] constants) {
    this.syntax = syntax;
    this.constants = constants;
    this.files = new RegisterFiles(syntax);
    List<Instruction> instructions = syntax.instructions();
    this.code = new Step[instructions.size()];
    for (int i = 0; i < code.length; i++) {
      InstructionDecoder decoder = new InstructionDecoder(syntax, files, instructions.get(i));
      DecodedOperation decoded = Decoder.decode(decoder);
      code[i] = new Step(decoded, decoder, syntax.controlFlow().reconvergence(i));
    }
  }

  /** Name, parameters, bounds of the block, shared memory and instructions. */
  public EntrySyntax syntax() {
    return syntax;
  }

  /**
   * Whether results depend on {@link LaunchOptions#approximation}. Where no instruction is
   * approximate nothing asks for it, and all its values give the same bits.
   */
  public boolean isApproximate() {
    return syntax.instructions().stream().anyMatch(Approximations::decodes);
  }

  RegisterFiles files() {
    return files;
  }

  Step[] code() {
    return code;
  }

  byte[] constants() {
    return constants;
  }

  /** Narrowest element, up to a word, that the entry moves to or from a space. */
  int granuleBytes(StateSpace space) {
    String name = space.toString().substring(1);
    return syntax.instructions().stream()
        .filter(instruction -> instruction.opcode().matches("ld|st|atom|red"))
        .filter(instruction -> instruction.modifiers().contains(name))
        .mapToInt(instruction -> Type.named(instruction.modifiers().getLast()).bytes())
        .reduce(WIDEST_GRANULE, Math::min);
  }
}
