package org.mirror4j.device.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.mirror4j.file.FileException;
import org.mirror4j.file.NativeLibraries;
import org.mirror4j.file.PrivateDirectory;

/**
 * A loaded library of {@code native/forwarder.c}: it exports the functions that another library
 * imports, and each jumps to where it is sent.
 */
public final class Forwarder {
  private static final long LONGEST_NAME = 256;

  private final NativeFunctions library;
  private final Map<String, Integer> numbers = new LinkedHashMap<>();

  private Forwarder(NativeFunctions library) {
    this.library = library;
    int count = library.call("forwarder_count");
    for (int i = 0; i < count; i++) {
      numbers.put(library.callForPointer("forwarder_name", LONGEST_NAME, i).getString(0), i);
    }
  }

  /**
   * Loads one from a file for the rest of the process.
   *
   * @throws UnsatisfiedLinkError if it does not load
   */
  public static Forwarder load(Path file) {
    System.load(file.toString());
    return new Forwarder(NativeFunctions.open(file.toString()).orElseThrow());
  }

  /**
   * Loads one that the build has laid beside a class, and sends what it can to the functions of a
   * later library.
   *
   * @param name the library it stands for, as {@code libcublas.so.12}
   * @param later has the functions
   * @throws CudaUnavailableException if the build had no gcc to make it
   */
  public static void forward(Class<?> beside, String name, NativeFunctions later) {
    try (InputStream content = beside.getResourceAsStream(name);
        PrivateDirectory directory = PrivateDirectory.create(NativeLibraries.directory())) {
      if (content == null) {
        throw new CudaUnavailableException(
            "%s is later than %s, and the forwarder from the one to the other was not built (needs gcc)"
                .formatted(later, name));
      }
      Path file = directory.path().resolve(name);
      Files.copy(content, file);
      Forwarder forwarder = load(file);
      for (String function : forwarder.functions()) {
        later.find(function).ifPresent(address -> forwarder.set(function, address));
      }
    } catch (IOException e) {
      throw FileException.of("cannot unpack native libraries", e);
    }
  }

  /** Names of the functions. */
  public Set<String> functions() {
    return numbers.keySet();
  }

  /**
   * Sends a function to an address, {@link MemorySegment#NULL} for nowhere. To be done before its
   * first call.
   *
   * @throws IllegalArgumentException if there is no such function
   */
  public void set(String function, MemorySegment address) {
    Integer number = numbers.get(function);
    if (number == null) {
      throw new IllegalArgumentException("no function %s is forwarded".formatted(function));
    }
    library.run("forwarder_set", number, address);
  }
}
