package org.mirror4j.bench.product;

import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The most f32 flops that threads can do: multiplications and additions in registers alone. */
@State(Scope.Benchmark)
public class PeakRate {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private static final int ROUNDS = 1_000_000;

  /** Independent sums: a unit of two cycles' start and four's length has eight in flight. */
  private static final int SUMS = 12;

  /** Flops of a call and thread. */
  public static final double FLOPS = 2.0 * ROUNDS * SUMS * SPECIES.length();

  private float factor = 0.999f;
  private float summand = 1.001f;

  @Param("1")
  public int threads;

  private ExecutorService pool;

  /** Starts the threads. */
  @Setup(Level.Trial)
  public void start() {
    pool = Executors.newFixedThreadPool(threads);
  }

  /** Ends them. */
  @TearDown(Level.Trial)
  public void close() {
    pool.close();
  }

  /** The same on each thread. */
  @Benchmark
  public float multiplyAndAdd() throws InterruptedException, ExecutionException {
    float sum = 0;
    for (Future<Float> part :
        pool.invokeAll(Collections.nCopies(threads, (Callable<Float>) this::chains))) {
      sum += part.get();
    }
    return sum;
  }

  /**
   * Twelve chains of fused multiplications and additions. The instruction writes over its summand:
   * with another than the chain's own, a copy of it would be half of the work.
   */
  private float chains() {
    FloatVector x = FloatVector.broadcast(SPECIES, factor);
    FloatVector y = FloatVector.broadcast(SPECIES, summand);
    FloatVector s0 = y, s1 = y, s2 = y, s3 = y, s4 = y, s5 = y;
    FloatVector s6 = y, s7 = y, s8 = y, s9 = y, s10 = y, s11 = y;
    for (int i = 0; i < ROUNDS; i++) {
      s0 = x.fma(y, s0);
      s1 = x.fma(y, s1);
      s2 = x.fma(y, s2);
      s3 = x.fma(y, s3);
      s4 = x.fma(y, s4);
      s5 = x.fma(y, s5);
      s6 = x.fma(y, s6);
      s7 = x.fma(y, s7);
      s8 = x.fma(y, s8);
      s9 = x.fma(y, s9);
      s10 = x.fma(y, s10);
      s11 = x.fma(y, s11);
    }
    return s0.add(s1)
        .add(s2)
        .add(s3)
        .add(s4)
        .add(s5)
        .add(s6)
        .add(s7)
        .add(s8)
        .add(s9)
        .add(s10)
        .add(s11)
        .lane(0);
  }
}
