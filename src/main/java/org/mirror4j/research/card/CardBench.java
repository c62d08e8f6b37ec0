package org.mirror4j.research.card;

import java.nio.file.Path;
import java.util.function.Supplier;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.device.launch.Driver;
import org.mirror4j.device.launch.DriverDevice;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.operation.GeluForm;

/**
 * What the parts of a run work with.
 *
 * @param drivers opens the card, or the interpreter in its place; each part opens its own
 * @param library the kernels
 * @param threads of the CPU device that results are compared with
 * @param size of the model and the batches
 * @param fixtures folder of instruction fixtures
 * @param lengths folder of length statistics
 * @param deadline {@link System#nanoTime} at which no further measurement begins
 */
public record CardBench(
    Supplier<Driver> drivers,
    KernelLibrary library,
    int threads,
    Size size,
    Path fixtures,
    Path lengths,
    long deadline) {

  /**
   * How much is measured.
   *
   * @param layers of the model
   * @param hiddenSize of the model, 64 a head
   * @param vocabulary rows of the word embeddings
   * @param batchSize items of a step
   * @param steps of an epoch at most
   * @param repeats of each timing
   * @param streamBytes of the buffers whose bandwidth is measured
   */
  public record Size(
      int layers,
      int hiddenSize,
      int vocabulary,
      int batchSize,
      int steps,
      int repeats,
      long streamBytes) {
    /** BERT-base and the batches of the paper. */
    public static final Size BASE = new Size(12, 768, 30_522, 200, 50, 7, 256L << 20);

    /** So small that the interpreter is through in a minute. */
    public static final Size TOY = new Size(1, 64, 2_000, 3, 2, 1, 1L << 12);

    /** The architecture. */
    public BertConfig config() {
      return config(layers, hiddenSize);
    }

    /** The architecture with other numbers of layers and hidden units. */
    public BertConfig config(int otherLayers, int otherHidden) {
      return new BertConfig(
          BertConfig.Family.BERT,
          vocabulary,
          otherHidden,
          otherLayers,
          Math.max(1, otherHidden / 64),
          4 * otherHidden,
          512,
          2,
          1e-12f,
          GeluForm.ERF,
          0.02f,
          0);
    }
  }

  /** A device of its own for a part. */
  DriverDevice device() {
    return device(drivers.get());
  }

  /** The device on a driver. */
  public DriverDevice device(Driver driver) {
    return new DriverDevice("card", driver, library);
  }

  /** Whether the time is up. */
  public boolean late() {
    return System.nanoTime() - deadline > 0;
  }
}
