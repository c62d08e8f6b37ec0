package org.mirror4j.bench.card;

import java.util.List;
import org.mirror4j.cli.KernelsMeasureCommand;
import org.mirror4j.cli.Main;

/** {@code kernels measure} with a part more, cuDNN; started by {@code bench/gpu/run.sh}. */
final class CardMain {
  private CardMain() {}

  /** Measures and ends the program. */
  public static void main(String[] arguments) {
    Main.start("run.sh", new KernelsMeasureCommand(List.of(new CudnnComparison())), arguments);
  }
}
