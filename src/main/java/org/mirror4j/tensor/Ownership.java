package org.mirror4j.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Who may use the memory of a device, and how long: the thread that opened the device, until the
 * device is closed. The memory of a {@link Workspace} may be used no longer than the workspace is
 * open either.
 *
 * <p>Memory that is {@link Workspace#publish published} is written by nobody any more. Other
 * devices of this process may {@link #read} it, each in its own thread, and for as long as one of
 * them does it cannot be freed.
 *
 * <p>Every tensor of a workspace carries one, and a device compares it with its own before it
 * touches the memory. A check takes a few loads and no memory.
 */
public final class Ownership {
  /**
   * Of memory that no device has checked: sizes that were only planned, addresses below a device's
   * operations. Nobody is refused, and no device takes such a tensor.
   */
  public static final Ownership NONE = new Ownership("none", null, null, false);

  /** Of {@link #readers} where there can be none. */
  private static final int NOT_PUBLISHED = -1, ENDED = -2;

  private final String name;
  private final Thread thread;
  private final Ownership device;
  private final boolean inProcess;

  /** Devices that read this memory beside the one that it belongs to. */
  private final AtomicInteger readers = new AtomicInteger(NOT_PUBLISHED);

  /** What this device has published. */
  private final List<Ownership> published = new ArrayList<>();

  /** Memory of other devices that this one reads. */
  private final List<Ownership> read = new ArrayList<>();

  /** What is done before the use ends. */
  private final List<Runnable> endings = new ArrayList<>();

  /** Written by the owning thread alone, before others may read. */
  private boolean isPublished;

  /** Written and, but for messages, read by the owning thread alone. */
  private boolean closed;

  private Ownership(String name, Thread thread, Ownership device, boolean inProcess) {
    this.name = name;
    this.thread = thread;
    this.device = device == null ? this : device;
    this.inProcess = inProcess;
  }

  /**
   * Of a device with memory of its own that the calling thread opens.
   *
   * @param name of the device, for messages
   */
  public static Ownership ofDevice(String name) {
    return new Ownership(name, Thread.currentThread(), null, false);
  }

  /**
   * Of a device that the calling thread opens and whose memory is the process's, so that another
   * such device can {@link #read} it.
   *
   * @param name of the device, for messages
   */
  public static Ownership ofProcess(String name) {
    return new Ownership(name, Thread.currentThread(), null, true);
  }

  /** Of part of this memory, which can be closed on its own. */
  Ownership part() {
    return this == NONE ? NONE : new Ownership(name, thread, device, inProcess);
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
   * Has something done before the use of this memory ends, unless the device has been closed by
   * then: so ends with the memory what a device made for it.
   */
  public void beforeClose(Runnable ending) {
    require();
    endings.add(ending);
  }

  /** Gives the memory to be read by other devices; nobody writes it any more. */
  void publish() {
    require();
    if (readers.compareAndSet(NOT_PUBLISHED, 0)) {
      isPublished = true;
      device.published.add(this);
    }
  }

  /**
   * Lets this device read memory of another one, until this device is closed.
   *
   * @param other of a workspace that was published before, as the calling thread knows from the
   *     thread that did
   * @throws IllegalArgumentException if it is no memory that this device can reach
   * @throws IllegalStateException if it was not published, or is freed
   */
  public void read(Ownership other) {
    require();
    if (!inProcess || !other.inProcess) {
      throw new IllegalArgumentException(
          "device %s cannot reach the memory of another device %s".formatted(name, other.name));
    }
    if (other.readers.getAndUpdate(count -> count < 0 ? count : count + 1) < 0) {
      throw new IllegalStateException(
          "memory of device %s is not published or was freed, expected to be there to read"
              .formatted(other.name));
    }
    read.add(other);
  }

  /** Requires that the rows in use of the memory's tensors may change. */
  void requireChangeable() {
    requireThread();
    if (isPublished) {
      throw new IllegalStateException(
          "memory of device %s is published, its tensors stay as they are".formatted(name));
    }
  }

  /**
   * Requires, of a device that may be used, that a tensor lies in its memory, or in memory that it
   * {@link #read reads}, and that this memory is still there.
   *
   * @param operation what is to be done with it, for messages
   * @param operand what the tensor is to the operation, for messages
   * @param isWritten whether it is written
   * @throws IllegalArgumentException if it lies elsewhere
   * @throws IllegalStateException if it was freed, or is written and was published
   */
  public void requireOwn(String operation, String operand, Tensor tensor, boolean isWritten) {
    Ownership other = tensor.ownership();
    if (isWritten && other.isPublished) {
      throw new IllegalStateException(
          "%s: %s was published, expected only to be read".formatted(operation, operand));
    }
    if (other.device != this) {
      if (read.contains(other)) {
        return; // not freed before this device is closed
      }
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
   * @throws IllegalStateException if another device reads the memory
   */
  public boolean close() {
    requireThread();
    if (this == NONE || closed) {
      return false;
    }
    if (isPublished) {
      endReading();
    }
    published.forEach(Ownership::endReading);
    read.forEach(other -> other.readers.decrementAndGet());
    if (!device.closed) {
      endings.forEach(Runnable::run);
    }
    closed = true;
    return true;
  }

  private void endReading() {
    int count = readers.updateAndGet(now -> now == 0 ? ENDED : now);
    if (count != ENDED) {
      throw new IllegalStateException(
          "memory of device %s is read by %d other devices, expected to be closed before it"
              .formatted(name, count));
    }
  }
}
