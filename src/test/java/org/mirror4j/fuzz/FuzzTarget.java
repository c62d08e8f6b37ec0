package org.mirror4j.fuzz;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** One reader. */
interface FuzzTarget {
  /** Allocation of one input, in bytes, that a reader of files of a few kilobytes stays below. */
  long MOST_BYTES = 64L << 20;

  /** What {@code -Dfuzz.format} calls it. */
  String name();

  /** Valid inputs, of a few kilobytes each and the same in every run. */
  List<FuzzInput> seeds();

  /** What can be done to a file of a seed. */
  List<Mutator> mutators(String file);

  /**
   * Reads an input as the product does, and whatever is read late.
   *
   * @param directory empty, of this input alone
   */
  void read(FuzzInput input, Path directory) throws Exception;

  /** The exceptions that are refusals; their very classes, not those below. */
  Set<Class<? extends Exception>> refusals();

  /** Whether it runs native code on what it reads, which may end the process. */
  default boolean isNative() {
    return false;
  }

  /** Most bytes that the thread may allocate for one input. */
  long mostBytes();
}
