package org.mirror4j.device.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The library of NVIDIA's driver, asked what it serves without JCuda: where it is missing, the
 * first touch of JCuda fails for good.
 *
 * @param location name or path that it was loaded by
 * @param version newest CUDA it serves, 1000 major + 10 minor, as 12040 for 12.4
 * @param cards in the driver's order, at least one that is usable
 */
public record CudaDriverLibrary(String location, int version, List<CudaCard> cards) {
  /** System property: path of the library, where the loader is to take no other. */
  public static final String PROPERTY = "mirror4j.cuda.driver";

  private static final String NAME = "libcuda.so.1";

  /** Where a driver lies that the loader is not told about: WSL, containers, the distributions. */
  private static final List<Path> PLACES =
      List.of(
          Path.of("/usr/lib/wsl/lib", NAME),
          Path.of("/usr/local/nvidia/lib64", NAME),
          Path.of("/usr/lib/x86_64-linux-gnu", NAME),
          Path.of("/usr/lib64", NAME));

  /**
   * Its assembler reads PTX 8.0, the newest that the kernels are written in; cuBLAS 12 needs it.
   */
  private static final int OLDEST_VERSION = 12000;

  private static final int NO_DEVICE = 100;
  private static final int COMPUTE_CAPABILITY_MAJOR = 75;
  private static final int COMPUTE_CAPABILITY_MINOR = 76;
  private static final int NAME_BYTES = 256;

  /**
   * Loads the library for the rest of the process and asks it.
   *
   * @throws CudaUnavailableException if there is no driver or no card, or either is too old
   */
  public static CudaDriverLibrary load() {
    String explicit = System.getProperty(PROPERTY, "");
    if (!explicit.isEmpty()) {
      Path path = Path.of(explicit).toAbsolutePath();
      if (!Files.isReadable(path)) {
        throw new CudaUnavailableException(
            "no NVIDIA driver: %s names %s, which cannot be read".formatted(PROPERTY, path));
      }
      return at(path);
    }
    var onLoaderPath = NativeFunctions.open(NAME);
    if (onLoaderPath.isPresent()) {
      return ask(NAME, onLoaderPath.get());
    }
    for (Path path : PLACES) {
      if (Files.isReadable(path)) {
        return at(path);
      }
    }
    throw new CudaUnavailableException(
        "no NVIDIA driver: %s is neither on the loader path nor in %s"
            .formatted(
                NAME,
                String.join(", ", PLACES.stream().map(p -> p.getParent().toString()).toList())));
  }

  /**
   * From here on JCuda's library finds the one at {@code path} by its name, whatever the folder.
   */
  private static CudaDriverLibrary at(Path path) {
    try {
      System.load(path.toString());
    } catch (UnsatisfiedLinkError e) {
      throw new CudaUnavailableException(
          "NVIDIA driver does not load: " + JCudaNatives.reason(e), e);
    }
    return ask(path.toString(), NativeFunctions.open(path.toString()).orElseThrow());
  }

  private static CudaDriverLibrary ask(String location, NativeFunctions library) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment number = arena.allocate(JAVA_INT);
      // The version needs no card and no initialisation; it goes first, for an old driver may lack
      // the rest.
      require(library, "cuDriverGetVersion", number);
      int version = number.get(JAVA_INT, 0);
      if (version < OLDEST_VERSION) {
        throw new CudaUnavailableException(
            "NVIDIA driver too old: %s serves CUDA %s, expected %s or later (driver 525 or later)"
                .formatted(location, dotted(version), dotted(OLDEST_VERSION)));
      }
      require(library, "cuInit", 0);
      require(library, "cuDeviceGetCount", number);
      List<CudaCard> cards = new ArrayList<>();
      for (int ordinal = 0; ordinal < number.get(JAVA_INT, 0); ordinal++) {
        cards.add(card(library, arena, ordinal));
      }
      if (cards.stream().noneMatch(CudaCard::usable)) {
        throw new CudaUnavailableException(
            cards.isEmpty()
                ? noCard("")
                : "no usable card: "
                    + String.join("; ", cards.stream().map(CudaCard::description).toList()));
      }
      return new CudaDriverLibrary(location, version, List.copyOf(cards));
    }
  }

  private static CudaCard card(NativeFunctions library, Arena arena, int ordinal) {
    MemorySegment handle = arena.allocate(JAVA_INT);
    require(library, "cuDeviceGet", handle, ordinal);
    int device = handle.get(JAVA_INT, 0);
    MemorySegment name = arena.allocate(NAME_BYTES);
    require(library, "cuDeviceGetName", name, NAME_BYTES - 1, device);
    MemorySegment bytes = arena.allocate(JAVA_LONG);
    require(library, "cuDeviceTotalMem_v2", bytes, device);
    MemorySegment major = arena.allocate(JAVA_INT);
    require(library, "cuDeviceGetAttribute", major, COMPUTE_CAPABILITY_MAJOR, device);
    MemorySegment minor = arena.allocate(JAVA_INT);
    require(library, "cuDeviceGetAttribute", minor, COMPUTE_CAPABILITY_MINOR, device);
    return new CudaCard(
        ordinal,
        name.getString(0),
        major.get(JAVA_INT, 0),
        minor.get(JAVA_INT, 0),
        bytes.get(JAVA_LONG, 0));
  }

  private static void require(NativeFunctions library, String function, Object... arguments) {
    int result = library.call(function, arguments);
    if (result == NO_DEVICE) {
      throw new CudaUnavailableException(noCard(" (CUDA_ERROR_NO_DEVICE)"));
    }
    if (result != 0) {
      throw new CudaUnavailableException(
          "NVIDIA driver not usable: %s returned %s".formatted(function, error(library, result)));
    }
  }

  private static String noCard(String code) {
    String visible = System.getenv("CUDA_VISIBLE_DEVICES");
    return "no card: the NVIDIA driver sees none%s%s"
        .formatted(
            code, visible == null ? "" : "; CUDA_VISIBLE_DEVICES is '%s'".formatted(visible));
  }

  /** The driver's name for a code and the code. */
  private static String error(NativeFunctions library, int code) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(ADDRESS);
      if (library.find("cuGetErrorName").isEmpty()
          || library.call("cuGetErrorName", code, name) != 0) {
        return "error " + code;
      }
      return name.get(ADDRESS, 0).reinterpret(NAME_BYTES).getString(0) + " (" + code + ")";
    }
  }

  /** The first card that the kernels run on. */
  public CudaCard firstUsable() {
    return cards.stream().filter(CudaCard::usable).findFirst().orElseThrow();
  }

  /** What the driver serves and where it was found. */
  public String description() {
    return "CUDA %s (%s)".formatted(dotted(version), location);
  }

  /** Major version of CUDA that is served, as 12. */
  int majorVersion() {
    return version / 1000;
  }

  private static String dotted(int version) {
    return version / 1000 + "." + version % 1000 / 10;
  }
}
