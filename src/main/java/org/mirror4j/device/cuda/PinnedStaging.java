package org.mirror4j.device.cuda;

import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;
import static jcuda.driver.JCudaDriver.cuMemAllocHost;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jcuda.Pointer;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUstream;

/**
 * Copies between host and device through page-locked memory, which the card reads and writes by
 * itself. The memory is two halves: while the card copies out of one, the other is filled, so an
 * upload returns when its source has been read, not when the device has it; it waits only where the
 * half it needs is still being copied. An upload that fits beside the previous ones shares their
 * half.
 */
final class PinnedStaging implements AutoCloseable {
  private static final int HALVES = 2;
  private static final long ALIGNMENT = 64;

  private final CUstream stream;
  private final long halfBytes;
  private final Pointer memory = new Pointer();
  private final MemorySegment segment;
  private final List<CUevent> copied = new ArrayList<>();
  private final boolean[] pending = new boolean[HALVES];
  private int half;
  private long used;

  /**
   * Page-locks memory.
   *
   * @param stream all copies take place in its order
   * @param halfBytes the largest copy that is done in one piece
   */
  PinnedStaging(CUstream stream, long halfBytes) {
    this.stream = stream;
    this.halfBytes = halfBytes;
    DriverCheck.require(cuMemAllocHost(memory, HALVES * halfBytes), "cuMemAllocHost");
    segment = MemorySegment.ofBuffer(memory.getByteBuffer(0, HALVES * halfBytes));
    for (int i = 0; i < HALVES; i++) {
      CUevent event = new CUevent();
      int code = cuEventCreate(event, CUevent_flags.CU_EVENT_DISABLE_TIMING);
      if (code != 0) {
        close();
        throw CudaException.ofDriver("cuEventCreate", "", code);
      }
      copied.add(event);
    }
  }

  /** Copies to the device; the source may be reused on return. */
  void upload(long to, MemorySegment from, long bytes) {
    for (long done = 0; done < bytes; ) {
      if (used == halfBytes) {
        nextHalf();
      }
      long piece = Math.min(bytes - done, halfBytes - used);
      long offset = half * halfBytes + used;
      MemorySegment.copy(from, done, segment, offset, piece);
      DriverCheck.require(
          cuMemcpyHtoDAsync(
              DevicePointer.to(to + done),
              new RawPointer(segment.address() + offset),
              piece,
              stream),
          "cuMemcpyHtoDAsync");
      used = Math.min(halfBytes, (used + piece + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
      done += piece;
    }
  }

  /** Copies to the host and waits for it. */
  void download(MemorySegment to, long from, long bytes) {
    for (long done = 0; done < bytes; ) {
      long piece = Math.min(bytes - done, halfBytes);
      // The first half may still be on its way to the device; the order of the stream keeps this
      // copy behind that one.
      DriverCheck.require(
          cuMemcpyDtoHAsync(
              new RawPointer(segment.address()), DevicePointer.to(from + done), piece, stream),
          "cuMemcpyDtoHAsync");
      synchronize();
      MemorySegment.copy(segment, 0, to, done, piece);
      done += piece;
    }
  }

  /** Waits for everything in the stream; then both halves are free. */
  void synchronize() {
    DriverCheck.require(cuStreamSynchronize(stream), "cuStreamSynchronize");
    Arrays.fill(pending, false);
    half = 0;
    used = 0;
  }

  /** Marks where the copies out of the full half end, and waits until the other is free. */
  private void nextHalf() {
    DriverCheck.require(cuEventRecord(copied.get(half), stream), "cuEventRecord");
    pending[half] = true;
    half = (half + 1) % HALVES;
    if (pending[half]) {
      DriverCheck.require(cuEventSynchronize(copied.get(half)), "cuEventSynchronize");
      pending[half] = false;
    }
    used = 0;
  }

  @Override
  public void close() {
    copied.forEach(event -> cuEventDestroy(event));
    cuMemFreeHost(memory);
  }
}
