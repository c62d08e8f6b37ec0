package org.mirror4j.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * Owner of the buffers that one computation uses, planned once for the largest batch. The same
 * planning code run on a {@link #counting} workspace tells how much memory it will take before any
 * is taken.
 */
public final class Workspace implements AutoCloseable {
  private final Allocator allocator;
  private final Ownership ownership;
  private final List<Long> addresses = new ArrayList<>();
  private long bytes;

  /** A workspace whose buffers come from {@code allocator}. */
  public Workspace(Allocator allocator) {
    this(allocator, allocator.ownership().part());
  }

  private Workspace(Allocator allocator, Ownership ownership) {
    this.allocator = allocator;
    this.ownership = ownership;
  }

  /** A workspace that only adds up sizes. No device takes its tensors. */
  public static Workspace counting() {
    return new Workspace(null, Ownership.NONE);
  }

  /** An f32 buffer of unspecified content. */
  public Tensor f32(String name, int... dimensions) {
    return tensor(name, DType.F32, Shape.of(dimensions));
  }

  /** An i32 buffer of unspecified content. */
  public Tensor i32(String name, int... dimensions) {
    return tensor(name, DType.I32, Shape.of(dimensions));
  }

  /** A buffer of unspecified content. */
  public Tensor tensor(String name, DType dtype, Shape shape) {
    long size = Math.max(1, shape.size() * dtype.bytes());
    long rounded = (size + Allocator.ALIGNMENT - 1) / Allocator.ALIGNMENT * Allocator.ALIGNMENT;
    return Tensor.at(ownership, allocate(rounded), name, dtype, shape);
  }

  private long allocate(long rounded) {
    if (allocator == null) {
      bytes += rounded;
      return 0;
    }
    ownership.require();
    bytes += rounded;
    long address = allocator.allocate(rounded);
    addresses.add(address);
    return address;
  }

  /**
   * A workspace whose buffers lie in memory that is used for something else at another time, as
   * long as there is room, and then in buffers of this one. It needs no closing.
   *
   * @param memory what is lent
   */
  public Workspace lending(Tensor memory) {
    return new Workspace(new Lent(memory), ownership);
  }

  private final class Lent implements Allocator {
    private final long end;
    private long next;

    Lent(Tensor memory) {
      end = memory.address() + memory.bytes();
      next = (memory.address() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    @Override
    public long allocate(long bytes) {
      if (bytes > end - next) {
        return Workspace.this.allocate(bytes);
      }
      long address = next;
      next += bytes;
      return address;
    }

    @Override
    public void free(long address) {
      // What was lent is its owner's, the rest this workspace's.
    }
  }

  /**
   * Gives all buffers, as they are now, to be read by other devices of this process: each says so
   * by {@link Ownership#read} of {@link #ownership()}. Nobody writes them any more.
   */
  public void publish() {
    ownership.publish();
  }

  /** Who may use the buffers, and how long. */
  public Ownership ownership() {
    return ownership;
  }

  /** Bytes of all buffers so far, alignment included. */
  public long bytes() {
    return bytes;
  }

  /**
   * Frees all buffers, unless the device was closed before, which has freed them.
   *
   * @throws IllegalStateException if another device reads them
   */
  @Override
  public void close() {
    if (!(allocator instanceof Lent)) {
      ownership.close();
    }
    for (long address : addresses) {
      if (ownership.deviceIsOpen()) {
        allocator.free(address);
      }
    }
    addresses.clear();
  }
}
