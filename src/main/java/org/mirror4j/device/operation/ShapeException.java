package org.mirror4j.device.operation;

/** An operation was given a tensor of another type or shape than it needs. */
public final class ShapeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** An exception whose message names operation, operand, what was found and what was expected. */
  public ShapeException(String message) {
    super(message);
  }
}
