package org.mirror4j.device.cuda;

/** Something that computing on a card needs is not there; the message says what, on one line. */
public final class CudaUnavailableException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  CudaUnavailableException(String message) {
    super(message);
  }

  CudaUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
