package org.mirror4j.device.ptx.report;

/** The rules a kernel is held to. */
public enum Check {
  /** An address outside the tensor its register came from, or outside every allocation. */
  OUT_OF_BOUNDS(true),
  /** An address inside memory that was freed. */
  USE_AFTER_FREE(true),
  /** An address that is no multiple of the size of the whole, possibly vector, access. */
  MISALIGNED(true),
  /** A store into a tensor that was passed for reading only. */
  READ_ONLY(true),
  /** A read of bytes, or of a lane of a register, that nothing has written. */
  UNINITIALISED(false),
  /** Two lanes of one CTA on one word with no barrier between them, one of them writing. */
  SHARED_RACE(false),
  /** Bytes of shared memory that are touched, or left, while cp.async still copies into them. */
  PENDING_COPY(false),
  /** Two CTAs of one launch on one word, one of them writing, not both atomically. */
  GLOBAL_RACE(false),
  /** An element of an output that a launch left as it was. */
  UNWRITTEN_OUTPUT(false),
  /** Bytes beside an allocation that changed. */
  RED_ZONE(false),
  /** Live lanes missing at a barrier, or waiting at different ones. */
  BARRIER(true),
  /** Threads that left before a barrier the others reached. */
  EXIT_BEFORE_BARRIER(false),
  /** Lanes missing from the mask of a shuffle or vote, or a source lane that is not there. */
  WARP_MASK(true),
  /** Lanes that disagree at a branch declared uniform. */
  NON_UNIFORM_BRANCH(true),
  /** Use of {@code .local} memory: a spill by hand. */
  LOCAL_MEMORY(false),
  /** A launch or argument other than the kernel's header allows. */
  CONTRACT(true),
  /** More instructions than a launch may take: probably a loop without end. */
  BUDGET(true);

  private final boolean fatal;

  Check(boolean fatal) {
    this.fatal = fatal;
  }

  /** Whether a launch ends at the first finding, because what follows would have no meaning. */
  public boolean fatal() {
    return fatal;
  }

  /** The name in reports: {@code out of bounds}. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
  }
}
