package org.mirror4j.device.host;

import java.util.List;
import org.mirror4j.device.host.MatrixLibrary.Multiplier;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.device.operation.PackedProduct;

/**
 * The instruction set of the CPU, and products with packed weights beside it.
 *
 * @param multipliers that both use, to be closed after the last operation
 */
record HostKernels(Kernels operations, PackedProduct packed, List<Multiplier> multipliers) {
  static HostKernels of(
      OperandCheck check,
      HostThreads threads,
      MatrixLibrary library,
      HostAllocator memory,
      ScalarStart start) {
    Multiplier[] multipliers = new Multiplier[threads.size()];
    HostScratch[] scratch = HostScratch.ofWorkers(threads, memory);
    for (int i = 0; i < multipliers.length; i++) {
      multipliers[i] = library.multiplier(new HostScratch(memory));
    }
    HostElementwise elementwise = new HostElementwise(threads, scratch, memory);
    Kernels operations =
        new Kernels(
            new HostMemory(check, elementwise),
            new HostEmbedding(check, threads, scratch, memory),
            new HostProduct(check, threads, multipliers, scratch, memory, start),
            new HostAttention(check, threads, multipliers, scratch, memory),
            new HostNorm(check, threads, scratch, memory),
            new HostActivation(check, threads, scratch, memory, start),
            new HostRow(check, threads, scratch, memory),
            new HostLoss(check, threads, scratch),
            new HostOptimizer(check, threads, elementwise),
            new HostFlow(check, threads, scratch));
    return new HostKernels(
        operations,
        new HostPackedProduct(check, threads, library, multipliers, scratch, memory, start),
        List.of(multipliers));
  }
}
