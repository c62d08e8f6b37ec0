package org.mirror4j.device.ptx.report;

/** The rules a kernel is held to. */
public enum Check {
  /** An address outside the tensor its register came from, or outside every allocation. */
  OUT_OF_BOUNDS(Severity.FATAL),
  /** An address inside memory that was freed. */
  USE_AFTER_FREE(Severity.FATAL),
  /** An address that is no multiple of the size of the whole, possibly vector, access. */
  MISALIGNED(Severity.FATAL),
  /** A store into a tensor that was passed for reading only. */
  READ_ONLY(Severity.FATAL),
  /** A read of bytes, or of a lane of a register, that nothing has written. */
  UNINITIALISED(Severity.WRONG),
  /** Two lanes of one CTA on one word with no barrier between them, one of them writing. */
  SHARED_RACE(Severity.WRONG),
  /** Bytes of shared memory that are touched, or left, while cp.async still copies into them. */
  PENDING_COPY(Severity.WRONG),
  /** Two CTAs of one launch on one word, one of them writing, not both atomically. */
  GLOBAL_RACE(Severity.WRONG),
  /** An element of an output that a launch left as it was. */
  UNWRITTEN_OUTPUT(Severity.WRONG),
  /** Bytes beside an allocation that changed. */
  RED_ZONE(Severity.WRONG),
  /** Live lanes missing at a barrier, or waiting at different ones. */
  BARRIER(Severity.FATAL),
  /** Threads that left before a barrier the others reached. */
  EXIT_BEFORE_BARRIER(Severity.WARNING),
  /** Lanes missing from the mask of a shuffle or vote, or a source lane that is not there. */
  WARP_MASK(Severity.FATAL),
  /** Lanes that disagree at a branch declared uniform. */
  NON_UNIFORM_BRANCH(Severity.FATAL),
  /** Use of {@code .local} memory: a spill by hand. */
  LOCAL_MEMORY(Severity.WRONG),
  /** More instructions than a launch may take: probably a loop without end. */
  BUDGET(Severity.FATAL);

  private enum Severity {
    FATAL,
    WRONG,
    WARNING
  }

  private final Severity severity;

  Check(Severity severity) {
    this.severity = severity;
  }

  /** Whether a launch ends at the first finding, because what follows would have no meaning. */
  public boolean fatal() {
    return severity == Severity.FATAL;
  }

  /**
   * Whether the instruction set allows what was found, so that a kernel may be right all the same:
   * it is mostly a mistake.
   */
  public boolean isWarning() {
    return severity == Severity.WARNING;
  }

  /** The name in reports: {@code out of bounds}. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
  }
}
