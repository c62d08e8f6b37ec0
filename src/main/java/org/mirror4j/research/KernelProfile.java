package org.mirror4j.research;

import java.util.List;
import java.util.Optional;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.launch.source.KernelException;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.LaunchOptions;
import org.mirror4j.device.ptx.PtxEngine;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.research.cases.CaseResult;
import org.mirror4j.research.cases.OperationCase;
import org.mirror4j.research.cases.OperationCases;
import org.mirror4j.research.cases.Sizes;
import org.mirror4j.tensor.DType;

/**
 * What one launch of an entry costs.
 *
 * @param operation the case that launched it
 * @param sizes of the case
 * @param wrong where the operation's results are not those of the processor, if anywhere and if
 *     they were compared
 */
public record KernelProfile(
    OperationCase operation, Sizes sizes, CountedLaunch launch, Optional<String> wrong) {
  /**
   * Counts the first launch of an entry that an operation makes, and compares what the operation
   * gives with the processor's results, as {@link KernelCheck} does.
   *
   * @param changes sizes other than those of BERT-base
   * @param engine what executes the instructions; counts and results are the same
   * @param threads of the interpreter and of the processor
   * @throws KernelException if no operation launches it
   * @throws IllegalArgumentException if the operation has no size of a name; the message lists them
   */
  public static KernelProfile of(
      KernelLibrary library,
      String entry,
      DType storage,
      Sizes changes,
      PtxEngine engine,
      int threads) {
    library.get(entry);
    List<OperationCase> cases = LaunchMap.of(OperationCases.all()).cases(entry);
    if (cases.isEmpty()) {
      throw new KernelException(entry + ": no operation launches it");
    }
    OperationCase one = cases.getFirst();
    Sizes sizes = one.base().with(changes);
    try (KernelMachine machine =
            new KernelMachine(
                library, CheckLevel.BOUNDS, LaunchOptions.defaults().withEngine(engine));
        HostDevice processor = new HostDevice(threads)) {
      KernelMachine.Counted counted = machine.count(one, sizes, storage, threads);
      CountedLaunch launch =
          counted.launches().stream()
              .filter(counting -> counting.entry().equals(entry))
              .findFirst()
              .orElseThrow(
                  () ->
                      new KernelException(
                          "%s: %s does not launch it at %s with storage %s"
                              .formatted(entry, one.operation(), sizes, storage.label())));
      List<CaseResult> reference = one.results(processor, DType.F32, storage, sizes);
      return new KernelProfile(
          one, sizes, launch, CaseResult.difference(counted.results(), reference, storage));
    }
  }
}
