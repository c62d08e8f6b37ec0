package org.mirror4j.fuzz;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A reader put together from its parts.
 *
 * @param made makes the seeds
 * @param damages mutators by file
 */
record ReaderTarget(
    String name,
    Supplier<List<FuzzInput>> made,
    Function<String, List<Mutator>> damages,
    Reader reader,
    Set<Class<? extends Exception>> refusals,
    boolean isNative,
    long mostBytes)
    implements FuzzTarget {
  /** A reader that allocates as little as most. */
  ReaderTarget(
      String name,
      Supplier<List<FuzzInput>> made,
      Function<String, List<Mutator>> damages,
      Reader reader,
      Set<Class<? extends Exception>> refusals,
      boolean isNative) {
    this(name, made, damages, reader, refusals, isNative, MOST_BYTES);
  }

  /** Reads an input. */
  interface Reader {
    /** The files lie in the directory. */
    void read(FuzzInput input, Path directory) throws Exception;
  }

  @Override
  public List<FuzzInput> seeds() {
    return made.get();
  }

  @Override
  public List<Mutator> mutators(String file) {
    return damages.apply(file);
  }

  @Override
  public void read(FuzzInput input, Path directory) throws Exception {
    reader.read(input, directory);
  }

  /** A reader of files, which are written before it is called. */
  static Reader ofFiles(FileReader reader) {
    return (input, directory) -> {
      input.write(directory);
      reader.read(directory);
    };
  }

  /** Reads a directory. */
  interface FileReader {
    /** The files lie in the directory. */
    void read(Path directory) throws Exception;
  }
}
