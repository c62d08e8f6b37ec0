package org.mirror4j.device.ptx.report;

import java.util.Optional;

/** A kernel that cannot be read, cannot be launched, or broke a rule that ends its launch. */
public final class PtxException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Finding finding;

  /** A failure that is no broken rule, such as text that does not parse. */
  public PtxException(String message) {
    super(message);
    this.finding = null;
  }

  /** The end of a launch. */
  public PtxException(Finding finding) {
    super(finding.toString());
    this.finding = finding;
  }

  /** {@code file:line: message}, for text that cannot be read. */
  public static PtxException at(String file, int line, String message) {
    return new PtxException(file + ":" + line + ": " + message);
  }

  /** The rule that was broken; empty for a failure of another kind. */
  public Optional<Finding> finding() {
    return Optional.ofNullable(finding);
  }
}
