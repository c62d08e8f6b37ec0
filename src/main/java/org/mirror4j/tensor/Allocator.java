package org.mirror4j.tensor;

/** Hands out memory of one device. */
public interface Allocator {
  /** Every allocation starts at a multiple of this many bytes. */
  int ALIGNMENT = 256;

  /**
   * Memory of unspecified content, aligned to {@link #ALIGNMENT}.
   *
   * @return the address on the device
   * @throws OutOfMemoryException if the device has not that much
   */
  long allocate(long bytes);

  /** Gives memory back. {@code address} must come from {@link #allocate}. */
  void free(long address);

  /** Who may use the memory; {@link Ownership#NONE} below the operations of a device. */
  default Ownership ownership() {
    return Ownership.NONE;
  }

  /** The device has less memory than was asked for. */
  final class OutOfMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** An exception with the given message, which says what was asked for and what to lower. */
    public OutOfMemoryException(String message) {
      super(message);
    }
  }
}
