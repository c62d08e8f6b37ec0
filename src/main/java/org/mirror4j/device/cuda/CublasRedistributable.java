package org.mirror4j.device.cuda;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.mirror4j.file.NativeLibraries;

/**
 * The redistributable cuBLAS that the build's profile {@code cuda-redist} puts on the class path,
 * for a machine that has a driver but no toolkit.
 */
final class CublasRedistributable {
  private static final String FOLDER = "/org/bytedeco/cuda/linux-x86_64/";

  private CublasRedistributable() {}

  /**
   * Unpacks cuBLAS and the library it needs into JavaCPP's cache, once for all processes of the
   * user: they are several hundred megabytes.
   *
   * @return the path of {@code libcublas.so.12}, empty if the build did not bring it
   */
  static Optional<Path> unpack() {
    URL cublas = CublasRedistributable.class.getResource(FOLDER + "libcublas.so.12");
    URL companion = CublasRedistributable.class.getResource(FOLDER + "libcublasLt.so.12");
    if (cublas == null || companion == null) {
      return Optional.empty();
    }
    try {
      NativeLibraries.ofJavaCpp();
      Loader.cacheResource(companion);
      return Optional.of(Loader.cacheResource(cublas).toPath());
    } catch (IOException e) {
      throw new CudaUnavailableException("cannot unpack cuBLAS: " + e, e);
    }
  }
}
