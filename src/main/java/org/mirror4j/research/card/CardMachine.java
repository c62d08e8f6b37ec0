package org.mirror4j.research.card;

import java.util.function.Supplier;
import org.mirror4j.device.cuda.CudaLibraries;
import org.mirror4j.device.cuda.JCudaDriver;
import org.mirror4j.device.launch.Driver;
import org.mirror4j.device.ptx.LaunchOptions;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.memory.CheckLevel;

/** What a run on a card runs on, and how much of it. */
public enum CardMachine {
  /** This machine's card. */
  CUDA(CardBench.Size.BASE) {
    @Override
    public Supplier<Driver> drivers(int threads) {
      CudaLibraries libraries = CudaLibraries.load();
      return () -> JCudaDriver.open(libraries);
    }
  },
  /** The interpreter, at toy sizes. */
  PTX(CardBench.Size.TOY) {
    @Override
    public Supplier<Driver> drivers(int threads) {
      // What is not written yet is read back here, so only bounds are checked.
      return () -> new PtxDriver(CheckLevel.BOUNDS, LaunchOptions.defaults().withThreads(threads));
    }
  };

  private final CardBench.Size size;

  CardMachine(CardBench.Size size) {
    this.size = size;
  }

  /**
   * Opens it, any number of times.
   *
   * @param threads of the interpreter
   * @throws org.mirror4j.device.cuda.CudaUnavailableException if there is no card to use
   */
  public abstract Supplier<Driver> drivers(int threads);

  /** How much is measured on it. */
  public CardBench.Size size() {
    return size;
  }
}
