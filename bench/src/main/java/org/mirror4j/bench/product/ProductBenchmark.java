package org.mirror4j.bench.product;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.mirror4j.device.host.HostDevice;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The products of the linear layers of one encoder layer of BERT-base, in one of the three passes
 * of a training step.
 */
@State(Scope.Benchmark)
public class ProductBenchmark {
  /** Elements of a result that are compared with a sum in double. */
  private static final int CHECKED = 50;

  @Param("MIRROR4J")
  public Multiplier multiplier;

  @Param("NT")
  public ProductShape.Pass pass;

  @Param("1800")
  public int rows;

  @Param("2")
  public int threads;

  private HostDevice device;
  private final List<Multiplication> products = new ArrayList<>();

  /** Draws the operands, computes once and checks. */
  @Setup(Level.Trial)
  public void prepare() {
    device = new HostDevice(threads);
    Random random = new Random(1);
    for (int[] layer : ProductShape.LAYERS) {
      ProductShape product = ProductShape.of(pass, rows, layer[0], layer[1]);
      float[] a = gaussian(random, product.m() * product.k());
      float[] b = gaussian(random, product.k() * product.n());
      Multiplication multiplication = multiplier.prepare(product, a, b, device, threads);
      multiplication.run();
      check(product, a, b, multiplication.result(), random);
      products.add(multiplication);
    }
  }

  private float[] gaussian(Random random, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      float value = (float) random.nextGaussian();
      values[i] = multiplier.rounded() ? Bf16.round(value) : value;
    }
    return values;
  }

  /**
   * Sums of k products of order 1 in f32, whatever their order: off by k 2^-24 of the sum of their
   * sizes at the worst, and that is below k.
   */
  private static void check(ProductShape product, float[] a, float[] b, float[] c, Random random) {
    double bound = 0x1p-24 * product.k() * product.k();
    for (int i = 0; i < CHECKED; i++) {
      int row = random.nextInt(product.m());
      int column = random.nextInt(product.n());
      double expected = product.element(a, b, row, column);
      float got = c[row * product.n() + column];
      if (!(Math.abs(got - expected) <= bound)) {
        throw new IllegalStateException(
            "%s: element [%d,%d] is %.6g, expected %.6g"
                .formatted(product, row, column, got, expected));
      }
    }
  }

  /** All four products. */
  @Benchmark
  public void multiply() {
    for (Multiplication product : products) {
      product.run();
    }
  }

  /** Frees the operands. */
  @TearDown(Level.Trial)
  public void close() {
    products.forEach(Multiplication::close);
    device.close();
  }
}
