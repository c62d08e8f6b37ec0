package org.mirror4j.device.cuda;

/** Something that computing on a card needs is not there; the message says what, on one line. */
public final class CudaUnavailableException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  /**
   * Without a failure behind it.
   *
   * @param message one line: what is missing, and where it was looked for
   */
  public CudaUnavailableException(String message) {
    super(message);
  }

  CudaUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
