package org.mirror4j.device.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.Loader;
import org.mirror4j.file.NativeLibraries;
import org.mirror4j.tensor.DType;

/**
 * A native library that multiplies matrices. It is only ever asked for products that one thread
 * computes alone, so that the bits of a result do not depend on the number of threads.
 */
interface MatrixLibrary {
  /**
   * System property that forces a library: {@code onednn} or {@code openblas}. Without it oneDNN is
   * taken where it loads, else OpenBLAS.
   */
  String PROPERTY = "mirror4j.blas";

  /** Name and version. */
  String name();

  /** Whether it multiplies bf16 on this processor, and not slower than f32. */
  boolean multipliesBfloat16();

  /**
   * Types of packed matrices that it multiplies fast on this processor, such that the bits of a row
   * do not depend on the number of rows from two on; int8 if it does not saturate. May be none.
   */
  Set<DType> packedTypes();

  /**
   * A multiplier for one worker; it keeps that worker's native arguments.
   *
   * @param scratch memory for no one else
   */
  Multiplier multiplier(HostScratch scratch);

  /** Computes products on behalf of one worker, in the calling thread alone. */
  interface Multiplier {
    /** Frees what the library has made for it. */
    default void close() {}

    /** Computes a product of f32. */
    void multiply(MatrixProduct product);

    /**
     * Computes one with A and B of bf16; C is f32, and so are the sums, and alpha is 1. This and
     * {@link #multiplyRows} only where {@link #multipliesBfloat16}.
     */
    void multiplyBfloat16(MatrixProduct product);

    /**
     * The same by code that is made for each shape when it comes first, and faster. With beta 0 the
     * bits of an element do not depend on the number of rows.
     *
     * @param product of A as it is, m a multiple of 64, the rows of A and of C without a gap, beta
     *     0 or 1
     */
    void multiplyRows(MatrixProduct product);

    /**
     * Size of B in the order in which {@link #multiplyPacked} reads it. This and the other two only
     * of {@link #packedTypes}.
     *
     * @param n rows of B
     * @param k columns of B
     */
    long packedBytes(DType type, int n, int k);

    /**
     * Writes B in that order.
     *
     * @param to aligned as memory of the device is
     * @param from f32[n, k], or of int8 in that type
     */
    void pack(DType type, long to, long from, int n, int k);

    /**
     * Computes {@code C = A B^T} by code that is made for each shape when it comes first.
     *
     * @param c f32[m, n]; of int8 i32, exact
     * @param a [m, k] of the type; of int8 without signs
     * @param b as {@link #pack} has written it
     */
    void multiplyPacked(DType type, long c, long a, long b, int m, int n, int k);
  }

  /**
   * The library in use.
   *
   * @param reason why a preferred library was passed over, empty if none was
   */
  record Choice(MatrixLibrary library, String reason) {
    /** Name, version and reason on one line. */
    String description() {
      return reason.isEmpty() ? library.name() : library.name() + " (" + reason + ")";
    }
  }

  /**
   * Loads the library that {@link #PROPERTY} names, or the first that loads.
   *
   * @throws IllegalStateException if none does, with the reason for each
   */
  static Choice choose() {
    String wanted = System.getProperty(PROPERTY, "");
    List<String> candidates =
        switch (wanted) {
          case "" -> List.of("onednn", "openblas");
          case "onednn", "openblas" -> List.of(wanted);
          default ->
              throw new IllegalArgumentException(
                  PROPERTY + " is '" + wanted + "', expected onednn or openblas");
        };
    NativeLibraries.ofJavaCpp();
    List<String> reasons = new ArrayList<>();
    for (String candidate : candidates) {
      try {
        MatrixLibrary library = candidate.equals("onednn") ? new OneDnn() : new OpenBlas();
        return new Choice(library, String.join("; ", reasons));
      } catch (LinkageError | IllegalStateException problem) {
        reasons.add(candidate + " not used: " + reason(problem));
      }
    }
    throw new IllegalStateException(
        "no native matrix library loads on %s (%s); the build brings those of its native.platform"
            .formatted(Loader.getPlatform(), String.join("; ", reasons)));
  }

  /** What is at the bottom of a failure, on one line. */
  private static String reason(Throwable problem) {
    Throwable cause = problem;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return message.lines().findFirst().orElse("").replaceFirst("\\.$", "");
  }
}
