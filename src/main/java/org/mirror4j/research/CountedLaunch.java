package org.mirror4j.research;

import java.util.Map;
import java.util.TreeMap;
import org.mirror4j.device.launch.KernelArguments;
import org.mirror4j.device.launch.source.KernelContract;
import org.mirror4j.device.launch.source.KernelContract.ScalarType;
import org.mirror4j.device.ptx.count.LaunchCounts;
import org.mirror4j.tensor.DType;

/**
 * One launch and what it cost.
 *
 * @param entry without its storage type
 * @param scalars the whole-number arguments
 * @param grid blocks
 * @param block threads of a block
 * @param sharedBytes dynamic shared memory of a block
 * @param minimumBytes what the header says must move
 */
public record CountedLaunch(
    String entry,
    DType storage,
    Map<String, Long> scalars,
    int grid,
    int block,
    int sharedBytes,
    long minimumBytes,
    LaunchCounts counts) {
  static CountedLaunch of(
      KernelArguments arguments, int grid, int block, int sharedBytes, LaunchCounts counts) {
    KernelContract contract = arguments.contract();
    Map<String, Long> scalars = new TreeMap<>();
    for (int i = 0; i < contract.scalars().size(); i++) {
      if (contract.scalars().get(i).type() != ScalarType.F32) {
        scalars.put(contract.scalars().get(i).name(), arguments.values()[i]);
      }
    }
    return new CountedLaunch(
        contract.entry(),
        arguments.storage(),
        scalars,
        grid,
        block,
        sharedBytes,
        contract.traffic().evaluate(arguments.values()),
        counts);
  }
}
