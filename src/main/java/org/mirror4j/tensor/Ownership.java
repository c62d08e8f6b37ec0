package org.mirror4j.tensor;

/**
 * Who may use the memory of a device, and how long: the thread that opened the device, until the
 * device is closed. The memory of a {@link Workspace} may be used no longer than the workspace is
 * open either.
 *
 * <p>Every tensor of a workspace carries one, and a device compares it with its own before it
 * touches the memory. A check takes a few loads and no memory.
 */
public final class Ownership {
  /**
   * Of memory that no device has checked: sizes that were only planned, addresses below a device's
   * operations. Nobody is refused, and no device takes such a tensor.
   */
  public static final Ownership NONE = new Ownership("none", null, null);

  private final String name;
  private final Thread thread;
  private final Ownership device;

  /** Written and, but for messages, read by the owning thread alone. */
  private boolean closed;

  private Ownership(String name, Thread thread, Ownership device) {
    this.name = name;
    this.thread = thread;
    this.device = device == null ? this : device;
  }

  /**
   * Of a device that the calling thread opens.
   *
   * @param name of the device, for messages
   */
  public static Ownership ofDevice(String name) {
    return new Ownership(name, Thread.currentThread(), null);
  }

  /** Of part of this memory, which can be closed on its own. */
  Ownership part() {
    return this == NONE ? NONE : new Ownership(name, thread, device);
  }

  /**
   * Requires that the calling thread is the owner.
   *
   * @throws WrongThreadException if it is another
   */
  public void requireThread() {
    if (thread != Thread.currentThread() && thread != null) {
      throw new WrongThreadException(
          "device %s belongs to thread '%s', called from '%s': one device a thread"
              .formatted(name, thread.getName(), Thread.currentThread().getName()));
    }
  }

  /**
   * Requires that the calling thread may use the memory now.
   *
   * @throws WrongThreadException if it is not the owner
   * @throws IllegalStateException if the device or the workspace is closed
   */
  public void require() {
    requireThread();
    if (device.closed) {
      throw new IllegalStateException("device %s is closed".formatted(name));
    }
    if (closed) {
      throw new IllegalStateException("a workspace of device %s is closed".formatted(name));
    }
  }

  /**
   * Requires, of a device that may be used, that a tensor lies in its memory and that this memory
   * is still there.
   *
   * @param operation what is to be done with it, for messages
   * @param operand what the tensor is to the operation, for messages
   * @throws IllegalArgumentException if it lies elsewhere
   * @throws IllegalStateException if it was freed
   */
  public void requireOwn(String operation, String operand, Tensor tensor) {
    Ownership other = tensor.ownership();
    if (other.device != this) {
      throw new IllegalArgumentException(
          "%s: %s lies %s, expected in that of this device %s"
              .formatted(
                  operation,
                  operand,
                  other == NONE
                      ? "in no device's memory"
                      : "in the memory of another device " + other.name,
                  name));
    }
    if (other.closed) {
      throw new IllegalStateException(
          "%s: %s was freed with its workspace".formatted(operation, operand));
    }
  }

  /** Whether memory can still be given back: the device has not been closed. */
  boolean deviceIsOpen() {
    return !device.closed;
  }

  /**
   * Ends the use.
   *
   * @return false if it had ended before
   * @throws WrongThreadException if the calling thread is not the owner
   */
  public boolean close() {
    requireThread();
    if (this == NONE || closed) {
      return false;
    }
    closed = true;
    return true;
  }
}
