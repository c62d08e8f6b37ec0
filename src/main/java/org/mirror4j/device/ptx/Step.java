package org.mirror4j.device.ptx;

import org.mirror4j.device.ptx.report.InstructionSite;
import org.mirror4j.device.ptx.syntax.Instruction;

/**
 * An instruction made ready to execute. Registers are named by the place of their first lane in the
 * file of their width, and by their serial number where it is about being defined.
 */
final class Step {
  /** How the executor goes on. */
  enum Kind {
    /** Computes each lane from the same lane of registers. */
    LANES,
    /** Reads or writes memory, or makes a warp-wide value that needs no meeting of lanes. */
    EFFECT,
    /** Lanes of a member mask meet. */
    WARP_SYNC,
    /** All threads of the CTA meet. */
    BARRIER,
    BRANCH,
    EXIT
  }

  /** As {@link #members} of an instruction without a member mask. */
  static final int WHOLE_WARP = -1;

  final Instruction instruction;
  final InstructionSite site;
  final Kind kind;
  final Operation operation;

  /** Predicate it runs under; -1 for none. */
  final int guard;

  final boolean guardNegated;

  /** Serial numbers of the registers read, the guard not among them, and written. */
  final int[] reads;

  final int[] writes;

  /** First lanes of the registers written, by file. */
  final int[] wordWrites;

  final int[] wideWrites;
  final int[] halfWrites;

  /** Where a branch goes, and where its lanes meet again. */
  final int target;

  final int reconvergence;

  /** A branch that says all lanes agree. */
  final boolean uniform;

  /** First lane of the member mask of a WARP_SYNC; {@link #WHOLE_WARP} where it has none. */
  final int members;

  /** Number of the barrier. */
  final int barrier;

  Step(DecodedOperation decoded, InstructionDecoder decoder, int reconvergence) {
    this.instruction = decoder.instruction();
    this.site = decoder.instruction().site();
    this.kind = decoded.kind();
    this.operation = decoded.operation();
    Instruction.Guard by = instruction.guard();
    this.guard = by == null ? -1 : by.register().index();
    this.guardNegated = by != null && by.negated();
    this.reads = decoder.reads();
    this.writes = decoder.writes();
    this.wordWrites = decoder.wordWrites();
    this.wideWrites = decoder.wideWrites();
    this.halfWrites = decoder.halfWrites();
    this.target = decoded.target();
    this.reconvergence = reconvergence;
    this.uniform = decoded.uniform();
    this.members = decoded.members();
    this.barrier = decoded.barrier();
  }
}
