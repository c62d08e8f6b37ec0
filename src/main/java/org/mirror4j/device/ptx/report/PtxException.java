package org.mirror4j.device.ptx.report;

import java.util.Optional;

/** A kernel that cannot be read, cannot be launched, or broke a rule that ends its launch. */
public final class PtxException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private static final int MESSAGE_CHARACTERS = 500;

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

  /**
   * {@code file:line: message}, for text that cannot be read; the end of a long one is left out.
   */
  public static PtxException at(String file, int line, String message) {
    String shown =
        message.length() > MESSAGE_CHARACTERS
            ? message.substring(0, MESSAGE_CHARACTERS) + "..."
            : message;
    return new PtxException(file + ":" + line + ": " + shown);
  }

  /** The rule that was broken; empty for a failure of another kind. */
  public Optional<Finding> finding() {
    return Optional.ofNullable(finding);
  }
}
