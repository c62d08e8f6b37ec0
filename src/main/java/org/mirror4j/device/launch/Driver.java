package org.mirror4j.device.launch;

import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.mirror4j.device.Precision;
import org.mirror4j.device.launch.source.KernelSource;
import org.mirror4j.tensor.Allocator;
import org.mirror4j.tensor.DType;

/**
 * The little of a GPU's driver that the engine needs. Calls come from one thread and, but for
 * copies to the host, return before the work is done; the work is done in the order of the calls.
 */
public interface Driver extends Allocator, AutoCloseable {
  /** One line for people: card, compute capability, memory, driver. */
  String description();

  /** What is computed in here: the kernels' variants that run, and the products that there are. */
  Set<Precision> precisions();

  /** Bytes that can still be allocated, as far as is known. */
  long availableBytes();

  /**
   * Loads the variant of a kernel for a storage type.
   *
   * @throws org.mirror4j.device.launch.source.KernelException if it cannot be assembled
   */
  Kernel load(KernelSource source, DType storage);

  /** A loaded kernel; made by {@link #load} and given back to the same driver. */
  interface Kernel {}

  /**
   * Launches a kernel on a one-dimensional grid.
   *
   * @param grid number of blocks, at least 1
   * @param block threads of a block
   * @param sharedBytes dynamic shared memory of a block
   */
  void launch(Kernel kernel, int grid, int block, int sharedBytes, KernelArguments arguments);

  /** The matrix products of this device, in the same order as launches. */
  MatrixProducts matrixProducts();

  /** Copies to the device. The source may be reused on return. */
  void upload(long to, MemorySegment from, long bytes);

  /**
   * Copies to the device while earlier work still runs, of which none that is not waited for yet
   * may use that memory; later work comes after the copy. The source may be reused on return.
   */
  void prefetch(long to, MemorySegment from, long bytes);

  /** Copies to the host and waits for it. */
  void download(MemorySegment to, long from, long bytes);

  /** Copies within the device; the two ranges do not overlap. */
  void copy(long to, long from, long bytes);

  /** Fills with copies of a 32-bit word. */
  void fill(long to, int word, long words);

  /** Waits for all work so far. */
  void synchronize();

  /**
   * Records what {@code work} launches, fills and copies instead of executing it; it may neither
   * allocate nor exchange data with the host.
   */
  Recording record(Runnable work);

  /** Launches that were recorded. */
  interface Recording extends AutoCloseable {
    /** Executes them again, on what the buffers hold now. */
    void replay();

    @Override
    void close();
  }

  /** A point in the order of the work, for measuring. */
  interface Event extends AutoCloseable {
    /** Marks the point after the work so far. */
    void record();

    /** Microseconds on the device from {@code start} to this event; waits for both. */
    double microsSince(Event start);

    @Override
    void close();
  }

  /** An event. */
  Event event();

  /** Frees everything. */
  @Override
  void close();
}
