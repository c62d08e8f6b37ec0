package org.mirror4j.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.tensor.DType;

/**
 * Base of the tests of operations that every device must pass: against plain loops in f64, at
 * awkward sizes, with outputs that start as NaN between guard words. A subclass names the devices;
 * a contract draws its inputs from a fixed seed.
 *
 * <p>Bounds are the a priori ones of rounding analysis with u = {@link DeviceBuffers#U}: a sum of n
 * terms in any order is off by at most (n - 1) u of the sum of magnitudes, an elementwise
 * expression by one u of its magnitude for each operation. A result that depends on another output
 * (mean, then rstd, then y) is checked against f64 loops over that output as the device computed
 * it.
 */
public abstract class OperationContract {
  /** Around multiples of vectors, and the width of BERT-base. */
  protected static final int[] WIDTHS = {1, 2, 3, 8, 12, 31, 32, 33, 64, 127, 768, 769};

  /** Of flat buffers, around multiples of vectors, blocks and pieces. */
  protected static final int[] FLAT = {0, 1, 2, 3, 31, 33, 127, 1025, 16_389, 200_003};

  /** Rows of the tall matrices, which are tested at two widths only. */
  private static final int TALL = 1025;

  /** Around multiples of vectors, warps and blocks of rows. */
  private static final int[] ROWS = {0, 1, 3, 31, 33, 127, TALL};

  /**
   * More elements than this are tested at one width when tall and at one height when wide, where
   * every device sums columns in several blocks of rows.
   */
  private static final int LARGE = 15_000;

  /** One test of an operation: uploads, calls, downloads, checks; returns all outputs. */
  protected interface Case {
    List<float[]> run(Kernels kernels, DeviceBuffers buffers, Random random);
  }

  /** The same for a matrix of some size. */
  protected interface SizedCase {
    List<float[]> run(Kernels kernels, DeviceBuffers buffers, Random random, int rows, int width);
  }

  /**
   * Devices that must agree in every bit, because they differ in what must not matter: threads, the
   * order of blocks.
   *
   * @param storage what activations are stored as
   * @param applies asked when the setups before it are done with a case: whether to run it here too
   */
  public record Setup(DType storage, List<? extends Device> devices, BooleanSupplier applies) {
    /** One that applies to every case. */
    public Setup(DType storage, List<? extends Device> devices) {
      this(storage, devices, () -> true);
    }
  }

  /** What every operation is tested on. */
  protected abstract List<Setup> setups();

  /** Runs a case on all devices, each with the same random numbers. */
  protected final void check(long seed, Case test) {
    for (Setup setup : setups()) {
      if (!setup.applies().getAsBoolean()) {
        continue;
      }
      List<float[]> first = null;
      for (Device device : setup.devices()) {
        List<float[]> outputs;
        try (DeviceBuffers buffers = new DeviceBuffers(device, setup.storage())) {
          outputs = test.run(device.kernels(), buffers, new Random(seed));
        }
        if (first == null) {
          first = outputs;
        }
        for (int i = 0; i < outputs.size(); i++) {
          // Array equality of floats is equality of bits here, except that NaNs are all alike.
          assertThat(outputs.get(i))
              .as("output %d on %s", i, device.description())
              .isEqualTo(first.get(i));
        }
      }
    }
  }

  /** Runs a case at all sizes. */
  protected final void checkSizes(long seed, SizedCase test) {
    for (int rows : ROWS) {
      for (int width : WIDTHS) {
        boolean wanted =
            rows == TALL
                ? width == 3 || width == 33
                : rows * width < LARGE || (rows == 33 && width == 769);
        if (wanted) {
          check(
              seed, (kernels, buffers, random) -> test.run(kernels, buffers, random, rows, width));
        }
      }
    }
  }

  /** Standard normal values. */
  protected static float[] normal(Random random, int... dimensions) {
    int size = 1;
    for (int dimension : dimensions) {
      size *= dimension;
    }
    return DeviceBuffers.normal(random, size, 1);
  }

  /** The multiplier of one element, from the definition in {@link Dropout}. */
  protected static double multiplier(Dropout dropout, int site, long row, int width, int column) {
    if (dropout.threshold() == 0) {
      return 1;
    }
    int half = dropout.half(new int[4], site, row * Dropout.rowStride(width) + column);
    return half >= dropout.threshold() ? dropout.scale() : 0;
  }

  /** Sums of a column with what was there before: value and sum of magnitudes. */
  protected static final class ColumnReference {
    final double[] sums;
    final double[] magnitudes;
    private final double[] errors;
    private final double terms;

    /**
     * @param before what the device adds to
     * @param terms summands, plus the roundings of each
     */
    protected ColumnReference(float[] before, double terms) {
      sums = new double[before.length];
      magnitudes = new double[before.length];
      errors = new double[before.length];
      this.terms = terms;
      for (int i = 0; i < before.length; i++) {
        sums[i] = before[i];
        magnitudes[i] = Math.abs(before[i]);
      }
    }

    protected void add(int column, double value) {
      sums[column] += value;
      magnitudes[column] += Math.abs(value);
    }

    /** Adds what the device may have had another value of. */
    protected void add(int column, double value, double error) {
      add(column, value);
      magnitudes[column] += error;
      errors[column] += error;
    }

    protected void check(String what, float[] got) {
      check(what, got, errors);
    }

    /**
     * @param errors by column, what the summands together may be off by
     */
    protected void check(String what, float[] got, double[] errors) {
      double[] bounds = new double[sums.length];
      for (int i = 0; i < bounds.length; i++) {
        bounds[i] = terms * DeviceBuffers.U * magnitudes[i] + errors[i];
      }
      DeviceBuffers.assertWithin(what, got, sums, bounds);
    }
  }
}
