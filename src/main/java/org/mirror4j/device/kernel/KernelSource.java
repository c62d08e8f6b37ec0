package org.mirror4j.device.kernel;

import org.mirror4j.tensor.DType;

/**
 * One kernel's file.
 *
 * @param file its name, as messages show it
 * @param text as written, storage notations and all
 */
public record KernelSource(String file, String text, KernelContract contract) {
  /**
   * Reads the header.
   *
   * @throws KernelException if it is not as {@code kernels/README.md} says
   */
  public static KernelSource parse(String file, String text) {
    return new KernelSource(file, text, ContractParser.parse(file, text));
  }

  /**
   * The PTX of the variant for a storage type, with as many lines as {@link #text}.
   *
   * @throws IllegalArgumentException if there is no such variant
   */
  public String ptx(DType storage) {
    contract.entry(storage);
    return StorageTemplate.expand(this, storage);
  }
}
