package org.mirror4j.device.ptx;

import java.util.List;
import org.mirror4j.device.ptx.syntax.EntrySyntax;
import org.mirror4j.device.ptx.syntax.Instruction;
import org.mirror4j.device.ptx.syntax.Operand;
import org.mirror4j.device.ptx.syntax.Register.Width;
import org.mirror4j.device.ptx.syntax.StateSpace;

/**
 * A load or store of 1, 2 or 4 words a lane in global or shared memory.
 *
 * @param places of the registers, in the order of the words
 */
record WordAccess(boolean store, StateSpace space, AddressForm address, int[] places) {

  /** The access of an instruction; null where it is another one. */
  static WordAccess of(EntrySyntax entry, RegisterFiles files, Instruction instruction) {
    boolean store = instruction.opcode().equals("st");
    if (!store && !instruction.opcode().equals("ld")) {
      return null;
    }
    InstructionDecoder decoder = new InstructionDecoder(entry, files, instruction);
    MemoryModifiers modifiers = MemoryModifiers.of(decoder);
    StateSpace space = modifiers.space();
    List<Operand> elements = InstructionDecoder.elements(decoder.operand(store ? 1 : 0));
    boolean words = modifiers.type().bits() == 32;
    for (Operand element : elements) {
      words &= decoder.widthOf(element, modifiers.type()) == Width.B32;
    }
    if (!words || space != StateSpace.GLOBAL && space != StateSpace.SHARED) {
      return null;
    }
    int[] places = new int[elements.size()];
    for (int k = 0; k < places.length; k++) {
      places[k] =
          store
              ? decoder.source(elements.get(k), modifiers.type(), true)
              : decoder.destination(elements.get(k), modifiers.type(), true);
    }
    return new WordAccess(store, space, AddressForm.of(decoder, store ? 0 : 1, space), places);
  }

  /** Bytes that one lane moves. */
  int bytes() {
    return places.length * Integer.BYTES;
  }
}
