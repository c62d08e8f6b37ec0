package org.mirror4j.device.kernel;

/** A kernel's file or header is not as it must be; the message starts with {@code file:line}. */
public final class KernelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An exception with the given message. */
  public KernelException(String message) {
    super(message);
  }

  /** An exception with that message and the failure that led to it. */
  public KernelException(String message, Throwable cause) {
    super(message, cause);
  }

  /** An exception about one line. */
  public static KernelException at(String file, int line, String message) {
    return new KernelException(file + ":" + line + ": " + message);
  }
}
