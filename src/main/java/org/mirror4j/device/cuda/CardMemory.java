package org.mirror4j.device.cuda;

import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemGetInfo;

import java.util.HashMap;
import java.util.Map;
import jcuda.driver.CUresult;
import org.mirror4j.tensor.Allocator;

/** The memory of a card. */
final class CardMemory implements Allocator, AutoCloseable {
  private final String card;
  private final Map<Long, DevicePointer> allocations = new HashMap<>();

  /**
   * The memory of the current context.
   *
   * @param card its name, for messages
   */
  CardMemory(String card) {
    this.card = card;
  }

  /** {@inheritDoc} The driver aligns to 256 bytes or more. */
  @Override
  public long allocate(long bytes) {
    // The driver refuses an empty allocation.
    long asked = Math.max(bytes, ALIGNMENT);
    DevicePointer pointer = new DevicePointer();
    int code = cuMemAlloc(pointer, asked);
    if (code == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      long[] free = new long[1];
      long[] total = new long[1];
      cuMemGetInfo(free, total);
      throw new OutOfMemoryException(
          ("out of memory: %,d MiB asked, %,d of %,d MiB free on %s; lower the batch size or the"
                  + " maximum length, or store in f16 or bf16")
              .formatted(asked >> 20, free[0] >> 20, total[0] >> 20, card));
    }
    if (code != 0) {
      throw CudaException.ofDriver("cuMemAlloc", "%,d bytes".formatted(asked), code);
    }
    allocations.put(pointer.address(), pointer);
    return pointer.address();
  }

  @Override
  public void free(long address) {
    DevicePointer pointer = allocations.remove(address);
    if (pointer == null) {
      throw new IllegalArgumentException("no allocation at address 0x" + Long.toHexString(address));
    }
    DriverCheck.require(cuMemFree(pointer), "cuMemFree");
  }

  /** Bytes that are free now. */
  long availableBytes() {
    long[] free = new long[1];
    DriverCheck.require(cuMemGetInfo(free, new long[1]), "cuMemGetInfo");
    return free[0];
  }

  /** Frees everything that is still allocated. */
  @Override
  public void close() {
    allocations.values().forEach(pointer -> cuMemFree(pointer));
    allocations.clear();
  }
}
