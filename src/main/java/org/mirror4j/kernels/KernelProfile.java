package org.mirror4j.kernels;

import java.util.List;
import org.mirror4j.device.kernel.KernelException;
import org.mirror4j.device.kernel.KernelLibrary;
import org.mirror4j.device.ptx.LaunchOptions;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.tensor.DType;

/**
 * What one launch of an entry costs.
 *
 * @param operation the case that launched it
 * @param sizes of the case
 */
public record KernelProfile(OperationCase operation, Sizes sizes, CountedLaunch launch) {
  /**
   * Counts the first launch of an entry that an operation makes.
   *
   * @param changes sizes other than those of BERT-base
   * @param threads of the interpreter
   * @throws KernelException if no operation launches it
   */
  public static KernelProfile of(
      KernelLibrary library, String entry, DType storage, Sizes changes, int threads) {
    library.get(entry);
    List<OperationCase> cases = LaunchMap.of(OperationCases.all()).cases(entry);
    if (cases.isEmpty()) {
      throw new KernelException(entry + ": no operation launches it");
    }
    OperationCase one = cases.getFirst();
    return of(library, entry, storage, one, one.base().with(changes), threads);
  }

  /** The same for a case and all of its sizes. */
  static KernelProfile of(
      KernelLibrary library,
      String entry,
      DType storage,
      OperationCase one,
      Sizes sizes,
      int threads) {
    try (KernelMachine machine =
        new KernelMachine(library, CheckLevel.BOUNDS, LaunchOptions.defaults())) {
      return machine.count(one, sizes, storage, threads).stream()
          .filter(launch -> launch.entry().equals(entry))
          .findFirst()
          .map(launch -> new KernelProfile(one, sizes, launch))
          .orElseThrow(
              () ->
                  new KernelException(
                      "%s: %s does not launch it at %s with storage %s"
                          .formatted(entry, one.operation(), sizes, storage.label())));
    }
  }
}
