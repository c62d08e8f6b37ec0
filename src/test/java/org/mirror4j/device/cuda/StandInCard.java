package org.mirror4j.device.cuda;

import java.nio.file.Path;

/** A driver and a cuBLAS of the tests behind JCuda, loaded once in a process. */
public final class StandInCard {
  private static Forwarder driverLibrary;
  private static Forwarder cublasLibrary;

  private final StandInDriver driver;
  private final StandInCublas cublas;

  /** Fresh stand-ins behind the libraries; skips the test where these were not built. */
  public StandInCard(StandInDriver.Machine machine) {
    if (driverLibrary == null) {
      Path driverFile = StandIn.library("target/native/libcuda.so.1");
      Path cublasFile = StandIn.library("target/classes/org/mirror4j/device/cuda/libcublas.so.12");
      System.setProperty(CudaDriverLibrary.PROPERTY, driverFile.toString());
      System.setProperty(CublasLibrary.PROPERTY, cublasFile.toString());
      driverLibrary = Forwarder.load(driverFile);
      cublasLibrary = Forwarder.load(cublasFile);
    }
    driver = new StandInDriver(machine);
    driver.serve(driverLibrary);
    cublas = new StandInCublas(driver, 12, 6, 4);
    cublas.serve(cublasLibrary);
  }

  /** Puts a card that knows next to no kernel behind JCuda, for the rest of the process. */
  public static void install() {
    new StandInCard(new ScaleMachine());
  }

  public StandInDriver driver() {
    return driver;
  }

  StandInCublas cublas() {
    return cublas;
  }

  /** The engine's driver on this card. */
  public JCudaDriver open() {
    return JCudaDriver.open(CudaLibraries.load());
  }
}
