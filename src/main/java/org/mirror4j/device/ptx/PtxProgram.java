package org.mirror4j.device.ptx;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.mirror4j.device.ptx.syntax.EntrySyntax;
import org.mirror4j.device.ptx.syntax.Instruction;
import org.mirror4j.device.ptx.syntax.StateSpace;
import org.mirror4j.device.ptx.syntax.Type;

/** An entry with every instruction decoded once. Any number of launches may share it. */
public final class PtxProgram {
  private static final int WIDEST_GRANULE = 4;
  private static final Set<String> MOVES = Set.of("ld", "st", "atom", "red");

  private final EntrySyntax syntax;
  private final RegisterFiles files;
  private final Step[] code;
  private final byte[] constants;
  private final WordAccess[] accesses;
  private final int globalGranule;
  private final int sharedGranule;
  private CompiledProgram compiled;

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
    files.complete();
    this.accesses = new WordAccess[code.length];
    Arrays.setAll(accesses, i -> WordAccess.of(syntax, files, instructions.get(i)));
    this.globalGranule = granule(StateSpace.GLOBAL);
    this.sharedGranule = granule(StateSpace.SHARED);
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

  /** By the index of the instruction; null where it is no access to words. */
  WordAccess[] accesses() {
    return accesses;
  }

  /** The program with methods for its straight runs, which are made when they are first wanted. */
  synchronized CompiledProgram compiled() {
    if (compiled == null) {
      compiled = new CompiledProgram(this);
    }
    return compiled;
  }

  byte[] constants() {
    return constants;
  }

  /** Narrowest element, up to a word, that the entry moves to or from global or shared memory. */
  int granuleBytes(StateSpace space) {
    return space == StateSpace.GLOBAL ? globalGranule : sharedGranule;
  }

  private int granule(StateSpace space) {
    String name = space.toString().substring(1);
    return syntax.instructions().stream()
        .filter(instruction -> MOVES.contains(instruction.opcode()))
        .filter(instruction -> instruction.modifiers().contains(name))
        .mapToInt(instruction -> Type.named(instruction.modifiers().getLast()).bytes())
        .reduce(WIDEST_GRANULE, Math::min);
  }
}
