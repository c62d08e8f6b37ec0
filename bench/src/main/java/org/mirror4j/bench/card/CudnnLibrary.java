package org.mirror4j.bench.card;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import jcuda.JCudaVersion;
import jcuda.LibUtils;
import org.mirror4j.device.cuda.CudaUnavailableException;
import org.mirror4j.device.cuda.Forwarder;
import org.mirror4j.device.cuda.JCudaNatives;
import org.mirror4j.device.cuda.LibrarySearch;
import org.mirror4j.device.cuda.NativeFunctions;
import org.mirror4j.file.FileException;
import org.mirror4j.file.PrivateDirectory;

/**
 * cuDNN 9, found and loaded so that JCudnn takes it: JCudnn asks the loader for {@code
 * libcudnn.so.8}, and the forwarder of {@code native/} stands for that. Looked for on the loader
 * path, then in the folders of {@link LibrarySearch}; the first that serves is taken.
 *
 * @param version its own, as {@code 9.14.0}
 * @param location name or path that it was loaded by
 */
record CudnnLibrary(String version, String location) {
  private static final String NAME = "libcudnn.so.9";
  private static final int MAJOR = 9;

  /**
   * What of cuDNN is a library of its own and needed here, in the order of loading. cuDNN loads
   * them at a first call and ends the process if one does not load, so they are loaded before.
   */
  private static final List<String> PARTS = List.of("graph", "ops");

  private static final String BINDING = "jcuda.jcudnn.JCudnn";
  private static final String BINDING_LIBRARY = "JCudnn";
  private static final String BINDING_RELEASE = "11.7.0";

  /** What {@link CudnnOperations} calls. */
  private static final List<String> NEEDED =
      List.of(
          "cudnnActivationBackward",
          "cudnnActivationForward",
          "cudnnCreate",
          "cudnnCreateActivationDescriptor",
          "cudnnCreateDropoutDescriptor",
          "cudnnCreateTensorDescriptor",
          "cudnnDestroy",
          "cudnnDestroyActivationDescriptor",
          "cudnnDestroyDropoutDescriptor",
          "cudnnDestroyTensorDescriptor",
          "cudnnDropoutBackward",
          "cudnnDropoutForward",
          "cudnnDropoutGetReserveSpaceSize",
          "cudnnDropoutGetStatesSize",
          "cudnnGetProperty",
          "cudnnSetActivationDescriptor",
          "cudnnSetDropoutDescriptor",
          "cudnnSetStream",
          "cudnnSetTensor4dDescriptor",
          "cudnnSoftmaxBackward",
          "cudnnSoftmaxForward");

  private static CudnnLibrary loaded;

  /**
   * Loads cuDNN and JCudnn for the rest of the process; once they are loaded, every call gives the
   * same.
   *
   * @throws CudaUnavailableException if one of them is not found or does not serve
   */
  static CudnnLibrary load() {
    return load(LibrarySearch.ofThisMachine());
  }

  static synchronized CudnnLibrary load(LibrarySearch search) {
    if (loaded == null) {
      NativeFunctions functions = find(search);
      String version = version(functions);
      Forwarder.forward(CudnnLibrary.class, "libcudnn.so.8", functions);
      JCudaNatives.initialize(BINDING, CudnnLibrary::layBinding);
      loaded = new CudnnLibrary(version, functions.toString());
    }
    return loaded;
  }

  /**
   * JCudnn asks for a library that is named after JCuda's release, while its jar holds one that is
   * named after its own.
   */
  private static void layBinding(PrivateDirectory directory) {
    String resource = "/lib/" + fileName(BINDING_RELEASE);
    try (InputStream content = CudnnLibrary.class.getResourceAsStream(resource)) {
      if (content == null) {
        throw new CudaUnavailableException(
            "%s does not load: there is no %s on the class path".formatted(BINDING, resource));
      }
      Files.copy(content, directory.path().resolve(fileName(JCudaVersion.get())));
    } catch (IOException e) {
      throw FileException.of("cannot unpack native libraries", e);
    }
  }

  private static String fileName(String release) {
    return LibUtils.createLibraryFileName(
        LibUtils.createPlatformLibraryName(BINDING_LIBRARY + "-" + release));
  }

  private static NativeFunctions find(LibrarySearch search) {
    List<String> reasons = new ArrayList<>();
    if (NativeFunctions.open(NAME).isPresent()) {
      Optional<String> missing =
          PARTS.stream()
              .map(CudnnLibrary::part)
              .filter(part -> NativeFunctions.open(part).isEmpty())
              .findFirst();
      if (missing.isEmpty()) {
        return NativeFunctions.open(NAME).orElseThrow();
      }
      reasons.add("of that on the loader path %s does not load".formatted(missing.get()));
    }
    for (LibrarySearch.File file : search.files("cudnn")) {
      if (file.major() != MAJOR) {
        reasons.add("%s is not version %d".formatted(file.path(), MAJOR));
        continue;
      }
      try {
        return open(file.path());
      } catch (UnsatisfiedLinkError e) {
        reasons.add("cuDNN does not load: " + JCudaNatives.reason(e));
      }
    }
    reasons.addFirst(
        "no cuDNN: no %s that loads with its parts, on the loader path or in %d folders of CUDA, pip and conda"
            .formatted(NAME, search.folders().size()));
    throw new CudaUnavailableException(String.join("; ", reasons));
  }

  private static String part(String name) {
    return NAME.replace("libcudnn.", "libcudnn_" + name + ".");
  }

  private static NativeFunctions open(Path path) {
    Path library = path.toAbsolutePath();
    for (String part : PARTS) {
      System.load(library.resolveSibling(part(part)).toString());
    }
    System.load(library.toString());
    return NativeFunctions.open(library.toString()).orElseThrow();
  }

  private static String version(NativeFunctions functions) {
    List<String> lacking = NEEDED.stream().filter(name -> functions.find(name).isEmpty()).toList();
    if (!lacking.isEmpty()) {
      throw new CudaUnavailableException(
          "wrong cuDNN: %s lacks %s, expected version %d"
              .formatted(functions, String.join(", ", lacking), MAJOR));
    }
    StringJoiner version = new StringJoiner(".");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment number = arena.allocate(JAVA_INT);
      for (int part = 0; part < 3; part++) {
        int status = functions.call("cudnnGetProperty", part, number);
        if (status != 0) {
          throw new CudaUnavailableException(
              "wrong cuDNN: cudnnGetProperty of %s returned %d".formatted(functions, status));
        }
        version.add(Integer.toString(number.get(JAVA_INT, 0)));
      }
    }
    return version.toString();
  }

  /** Version and where it was found. */
  String description() {
    return "cuDNN %s (%s, forwarded)".formatted(version, location);
  }
}
