package org.mirror4j.device.cuda;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadDataJIT;
import static jcuda.driver.JCudaDriver.cuModuleUnload;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUjit_option;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.JITOptions;
import org.mirror4j.device.launch.Driver;
import org.mirror4j.device.launch.KernelArguments;
import org.mirror4j.device.launch.source.KernelException;
import org.mirror4j.device.launch.source.KernelSource;
import org.mirror4j.tensor.DType;

/**
 * A kernel that the driver's assembler has made for the card at hand.
 *
 * <p>A launch passes the driver the addresses of the arguments. Values and addresses lie in memory
 * that is taken once per kernel, so that a launch neither allocates nor lets JCuda walk a tree of
 * pointers, which costs several microseconds; the driver copies the values before the call returns.
 */
final class CardKernel implements Driver.Kernel, AutoCloseable {
  private static final int LOG_BYTES = 16 << 10;

  private final String entry;
  private final CUmodule module = new CUmodule();
  private final CUfunction function = new CUfunction();
  private final Arena arena = Arena.ofShared();
  private final MemorySegment values;
  private final Pointer addresses;

  /**
   * Assembles a kernel.
   *
   * @throws KernelException with the assembler's messages if it refuses
   */
  CardKernel(KernelSource source, DType storage) {
    entry = source.contract().entry(storage);
    int count = source.contract().buffers().size() + source.contract().scalars().size();
    assemble(source, storage);
    int code = cuModuleGetFunction(function, module, entry);
    if (code != 0) {
      cuModuleUnload(module);
      throw CudaException.ofDriver("cuModuleGetFunction", entry + " of " + source.file(), code);
    }
    values = arena.allocate(JAVA_LONG, Math.max(1, count));
    MemorySegment table = arena.allocate(JAVA_LONG, Math.max(1, count));
    for (int i = 0; i < count; i++) {
      table.setAtIndex(JAVA_LONG, i, values.address() + i * JAVA_LONG.byteSize());
    }
    addresses = new RawPointer(table.address());
  }

  private void assemble(KernelSource source, DType storage) {
    JITOptions options = new JITOptions();
    options.putBytes(CUjit_option.CU_JIT_ERROR_LOG_BUFFER, new byte[LOG_BYTES]);
    options.putInt(CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, LOG_BYTES);
    try (Arena text = Arena.ofConfined()) {
      Pointer ptx = new RawPointer(text.allocateFrom(source.ptx(storage)).address());
      int code = cuModuleLoadDataJIT(module, ptx, options);
      if (code != 0) {
        String log = options.getString(CUjit_option.CU_JIT_ERROR_LOG_BUFFER);
        String reason = CudaException.ofDriver("cuModuleLoadDataEx", entry, code).getMessage();
        throw new KernelException(
            source.file()
                + ": "
                + reason
                + (log == null || log.isBlank() ? "" : "\n" + log.strip()));
      }
    }
  }

  /** Name of the entry, with the storage type. */
  String entry() {
    return entry;
  }

  /** What {@code cuLaunchKernel} returned. */
  int launch(int grid, int block, int sharedBytes, KernelArguments arguments, CUstream stream) {
    for (int i = 0; i < arguments.count(); i++) {
      // A value of 32 bits is read from the first four bytes: both machines are little-endian.
      values.setAtIndex(JAVA_LONG, i, arguments.bits(i));
    }
    return cuLaunchKernel(function, grid, 1, 1, block, 1, 1, sharedBytes, stream, addresses, null);
  }

  @Override
  public void close() {
    cuModuleUnload(module);
    arena.close();
  }
}
