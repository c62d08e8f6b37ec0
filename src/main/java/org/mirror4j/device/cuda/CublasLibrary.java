package org.mirror4j.device.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * cuBLAS, found and loaded so that JCublas takes it: JCublas asks the loader for {@code
 * libcublas.so.12}, which is satisfied by any library of that name that is loaded already. A later
 * cuBLAS is put behind that name by the forwarder of {@code native/}.
 *
 * <p>Looked for in this order, and the first that serves is taken:
 *
 * <ol>
 *   <li>the file that {@link #PROPERTY} or {@link #VARIABLE} names, and then no other;
 *   <li>version 12 on the loader path, then in the folders of {@link LibrarySearch};
 *   <li>the redistributable library, where the build brought it (profile {@code cuda-redist});
 *   <li>version 13 or later on the loader path, then in the same folders, if the driver serves it.
 * </ol>
 *
 * @param version its own, as {@code 12.6.4}
 * @param location name or path that it was loaded by
 * @param forwarded whether it stands behind the forwarder
 */
public record CublasLibrary(String version, String location, boolean forwarded) {
  /** System property: path of the library. */
  public static final String PROPERTY = "mirror4j.cublas";

  /** Environment variable: path of the library; the property goes before it. */
  public static final String VARIABLE = "MIRROR4J_CUBLAS";

  private static final String BINDING = "jcuda.jcublas.JCublas2";

  /** The version that JCublas asks for by name. */
  private static final int OLDEST_MAJOR = 12;

  /** What the engine calls. A name that is missing would end the process at its first call. */
  private static final List<String> NEEDED =
      List.of(
          "cublasCreate_v2",
          "cublasDestroy_v2",
          "cublasGemmEx",
          "cublasGemmStridedBatchedEx",
          "cublasGetProperty",
          "cublasSetMathMode",
          "cublasSetStream_v2",
          "cublasSetWorkspace_v2");

  private static CublasLibrary loaded;

  /** The functions of a cuBLAS and what it says of itself. */
  private record Opened(NativeFunctions functions, String location, int major, String version) {}

  /**
   * Loads cuBLAS and JCublas for the rest of the process; once it is loaded, every call gives the
   * same.
   *
   * @param driver what it must work with
   * @throws CudaUnavailableException if none is found that serves
   */
  public static CublasLibrary load(CudaDriverLibrary driver) {
    return load(driver, LibrarySearch.ofThisMachine());
  }

  static synchronized CublasLibrary load(CudaDriverLibrary driver, LibrarySearch search) {
    if (loaded == null) {
      String explicit = System.getProperty(PROPERTY, System.getenv().getOrDefault(VARIABLE, ""));
      Opened opened =
          explicit.isEmpty()
              ? search(driver, search)
              : named(Path.of(explicit).toAbsolutePath(), driver);
      boolean forwarded = opened.major() > OLDEST_MAJOR;
      if (forwarded) {
        Forwarder.forward(CublasLibrary.class, "libcublas.so." + OLDEST_MAJOR, opened.functions());
      }
      JCudaNatives.initialize(BINDING);
      loaded = new CublasLibrary(opened.version(), opened.location(), forwarded);
    }
    return loaded;
  }

  private static Opened named(Path path, CudaDriverLibrary driver) {
    if (!Files.isReadable(path)) {
      throw new CudaUnavailableException(
          "no cuBLAS: %s (or %s) names %s, which cannot be read"
              .formatted(VARIABLE, PROPERTY, path));
    }
    return ask(open(path), path.toString(), driver);
  }

  /**
   * The first that loads, in the order above. One that loads and is not what it should be ends the
   * search: JCublas would find it by its name, whatever is loaded after it.
   */
  private static Opened search(CudaDriverLibrary driver, LibrarySearch search) {
    List<String> reasons = new ArrayList<>();
    List<LibrarySearch.File> files = search.files("cublas");
    for (int major = OLDEST_MAJOR; major <= driver.majorVersion(); major++) {
      String name = "libcublas.so." + major;
      Optional<NativeFunctions> onLoaderPath = NativeFunctions.open(name);
      if (onLoaderPath.isPresent()) {
        return ask(onLoaderPath.get(), name, driver);
      }
      for (Path path : candidates(files, major)) {
        NativeFunctions functions;
        try {
          functions = open(path);
        } catch (CudaUnavailableException e) {
          reasons.add(e.getMessage());
          continue;
        }
        return ask(functions, path.toString(), driver);
      }
    }
    for (LibrarySearch.File file : files) {
      if (file.major() < OLDEST_MAJOR || file.major() > driver.majorVersion()) {
        reasons.add(file.path() + " does not fit the driver");
      }
    }
    String wanted = "libcublas.so." + OLDEST_MAJOR;
    if (driver.majorVersion() > OLDEST_MAJOR) {
      wanted += " to " + driver.majorVersion();
    }
    reasons.addFirst(
        "no cuBLAS: no %s that loads, on the loader path or in %d folders of CUDA, pip and conda (%s=FILE names one)"
            .formatted(wanted, search.folders().size(), VARIABLE));
    throw new CudaUnavailableException(String.join("; ", reasons));
  }

  private static List<Path> candidates(List<LibrarySearch.File> files, int major) {
    List<Path> paths = new ArrayList<>();
    for (LibrarySearch.File file : files) {
      if (file.major() == major) {
        paths.add(file.path());
      }
    }
    if (major == OLDEST_MAJOR) {
      CublasRedistributable.unpack().ifPresent(paths::add);
    }
    return paths;
  }

  /** Opens a file. What it needs itself lies beside it and is looked for by name: it goes first. */
  private static NativeFunctions open(Path path) {
    String companion =
        path.getFileName()
            .toString()
            .replaceFirst("^libcublas\\.so\\.(\\d+).*", "libcublasLt.so.$1");
    Path beside = path.resolveSibling(companion);
    try {
      if (!beside.equals(path) && Files.isReadable(beside)) {
        System.load(beside.toString());
      }
      System.load(path.toString());
    } catch (UnsatisfiedLinkError e) {
      throw new CudaUnavailableException("cuBLAS does not load: " + JCudaNatives.reason(e), e);
    }
    return NativeFunctions.open(path.toString()).orElseThrow();
  }

  private static Opened ask(NativeFunctions functions, String location, CudaDriverLibrary driver) {
    List<String> lacking = NEEDED.stream().filter(name -> functions.find(name).isEmpty()).toList();
    if (!lacking.isEmpty()) {
      throw new CudaUnavailableException(
          "wrong cuBLAS: %s lacks %s, expected version 12 or later"
              .formatted(location, String.join(", ", lacking)));
    }
    int[] version = new int[3];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment number = arena.allocate(JAVA_INT);
      for (int part = 0; part < 3; part++) {
        int status = functions.call("cublasGetProperty", part, number);
        if (status != 0) {
          throw new CudaUnavailableException(
              "wrong cuBLAS: cublasGetProperty of %s returned %d".formatted(location, status));
        }
        version[part] = number.get(JAVA_INT, 0);
      }
    }
    String text = version[0] + "." + version[1] + "." + version[2];
    if (version[0] < OLDEST_MAJOR) {
      throw new CudaUnavailableException(
          "wrong cuBLAS: %s is version %s, expected 12 or later".formatted(location, text));
    }
    if (version[0] > driver.majorVersion()) {
      throw new CudaUnavailableException(
          "wrong cuBLAS: %s is version %s, but the driver serves %s"
              .formatted(location, text, driver.description()));
    }
    return new Opened(functions, location, version[0], text);
  }

  /** Version and where it was found. */
  public String description() {
    return "cuBLAS %s (%s%s)".formatted(version, location, forwarded ? ", forwarded" : "");
  }
}
