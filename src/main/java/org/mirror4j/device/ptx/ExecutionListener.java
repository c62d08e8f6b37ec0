package org.mirror4j.device.ptx;

import org.mirror4j.device.ptx.syntax.Instruction;
import org.mirror4j.device.ptx.syntax.StateSpace;

/**
 * What a launch tells those who count. Each Java thread that runs CTAs has a listener of its own,
 * so none needs a lock; masks have one bit a lane.
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
   * A branch went both ways.
   *
   * @param taken lanes that jump
   * @param notTaken lanes that go on
   */
  void diverged(Instruction instruction, int taken, int notTaken);

  /**
   * A load, store or atomic in global or shared memory, after it was found valid. Called before
   * {@link #executed} of the same instruction.
   *
   * @param executing lanes that access memory
   * @param addresses first byte of each lane, indexed by lane; not to be kept or changed
   * @param bytes size of a lane's whole access, all elements of a vector together
   */
  void accessed(
      Instruction instruction, StateSpace space, int executing, long[] addresses, int bytes);
}
