package org.mirror4j.device.cuda;

import java.io.IOException;
import java.util.Objects;
import java.util.function.Consumer;
import org.mirror4j.file.FileException;
import org.mirror4j.file.NativeLibraries;
import org.mirror4j.file.PrivateDirectory;

/**
 * Initialises classes of JCuda so that only their own native libraries get loaded.
 *
 * <p>JCuda unpacks a library into {@code java.io.tmpdir} under a name known beforehand, and loads
 * what lies there already without looking at it. So each class is initialised while that property
 * names a {@link PrivateDirectory}.
 */
public final class JCudaNatives {
  private static final String TEMPORARY_DIRECTORY = "java.io.tmpdir";

  private JCudaNatives() {}

  /**
   * Initialises a class that loads its native library in its static initialiser. Once it is
   * initialised, a further call changes nothing.
   *
   * @param className one of JCuda's
   * @throws CudaUnavailableException if the library does not load
   */
  static void initialize(String className) {
    initialize(className, directory -> {});
  }

  /**
   * The same for a class that does not find its library by itself.
   *
   * @param before lays files where JCuda unpacks its own, and takes what lies there for them
   * @throws CudaUnavailableException if the library does not load
   */
  public static synchronized void initialize(String className, Consumer<PrivateDirectory> before) {
    String shared = System.getProperty(TEMPORARY_DIRECTORY);
    try (PrivateDirectory directory = PrivateDirectory.create(NativeLibraries.directory())) {
      before.accept(directory);
      System.setProperty(TEMPORARY_DIRECTORY, directory.path().toString());
      Class.forName(className);
    } catch (ClassNotFoundException | LinkageError e) {
      throw new CudaUnavailableException("%s does not load: %s".formatted(className, reason(e)), e);
    } catch (IOException e) {
      throw FileException.of("cannot unpack native libraries", e);
    } finally {
      System.setProperty(TEMPORARY_DIRECTORY, shared);
    }
  }

  /**
   * The line of a failure that says what is wrong. JCuda wraps the message of the dynamic linker
   * into a page of text, in which the last line about a library file is the one about its own.
   */
  public static String reason(Throwable problem) {
    Throwable cause = problem;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String text = Objects.requireNonNullElse(cause.getMessage(), cause.toString());
    return text.lines()
        .filter(line -> line.contains(".so") && line.contains(": "))
        .reduce((first, last) -> last)
        .map(line -> line.replaceFirst("^.*UnsatisfiedLinkError: ", "").strip())
        .orElseGet(() -> text.lines().findFirst().orElse("no reason given"));
  }
}
