package org.mirror4j.device.ptx;

import java.util.List;
import org.mirror4j.device.ptx.syntax.Instruction;
import org.mirror4j.device.ptx.syntax.StateSpace;

/**
 * What a launch tells those who count. Between a branch or a meeting of lanes and the next it may
 * tell of instructions in another order than they have. Each Java thread that runs CTAs has a
 * listener of its own, so none needs a lock; masks have one bit a lane.
 */
public interface ExecutionListener {
  /**
   * A warp instruction was issued.
   *
   * @param active lanes that are at this instruction
   * @param executing those of them whose guard is true; may be 0
   */
  void executed(Instruction instruction, int active, int executing);

  /**
   * Instructions without a guard were issued, one after the other, for the same lanes.
   *
   * @param instructions always the same list for the same first instruction
   * @param active lanes that were there
   */
  default void executed(List<Instruction> instructions, int active) {
    instructions.forEach(instruction -> executed(instruction, active, active));
  }

  /**
   * A branch went both ways.
   *
   * @param taken lanes that jump
   * @param notTaken lanes that go on
   */
  void diverged(Instruction instruction, int taken, int notTaken);

  /**
   * A load, store or atomic in global or shared memory, after it was found valid. Called before
   * {@link #executed(Instruction, int, int)} of the same instruction; for a copy twice, first for
   * its target in shared memory, then for its source, unless {@link #readInPart} is.
   *
   * @param executing lanes that access memory
   * @param addresses first byte of each lane, indexed by lane; not to be kept or changed
   * @param bytes size of a lane's whole access, all elements of a vector together
   */
  void accessed(
      Instruction instruction, StateSpace space, int executing, long[] addresses, int bytes);

  /**
   * A copy of whose source in global memory some lanes read the beginning only. It is one request,
   * as one of whole accesses is, and who looks at no single bytes may take it for one.
   *
   * @param reading lanes that read one byte at least
   * @param addresses first byte of each lane, indexed by lane; not to be kept or changed
   * @param bytes size of a whole access, of which addresses are multiples
   * @param sizes how many bytes each lane reads, indexed by lane; not to be kept or changed
   */
  default void readInPart(
      Instruction instruction, int reading, long[] addresses, int bytes, int[] sizes) {
    accessed(instruction, StateSpace.GLOBAL, reading, addresses, bytes);
  }
}
