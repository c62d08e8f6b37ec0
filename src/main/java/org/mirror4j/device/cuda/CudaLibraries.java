package org.mirror4j.device.cuda;

/**
 * The libraries that computing on a card needs, found and loaded.
 *
 * @param driver the driver and its cards
 * @param cublas the matrix products
 */
public record CudaLibraries(CudaDriverLibrary driver, CublasLibrary cublas) {
  private static final String BINDING = "jcuda.driver.JCudaDriver";

  /**
   * Loads the driver, JCuda, cuBLAS and JCublas for the rest of the process, in this order.
   *
   * @throws CudaUnavailableException at the first that is missing, saying what was found and what
   *     was expected
   */
  public static CudaLibraries load() {
    CudaDriverLibrary driver = CudaDriverLibrary.load();
    JCudaNatives.initialize(BINDING);
    return new CudaLibraries(driver, CublasLibrary.load(driver));
  }

  /** The card in use, what the driver serves and the version of cuBLAS. */
  public String description() {
    return "%s, %s, %s"
        .formatted(driver.firstUsable().description(), driver.description(), cublas.description());
  }
}
