package org.mirror4j.device.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.research.cases.OperationCase;
import org.mirror4j.research.cases.OperationCase.Prepared;
import org.mirror4j.research.cases.OperationCases;
import org.mirror4j.research.cases.Sizes;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.support.ForkedJava;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/**
 * Warm operations allocate nothing, in the mixture of sizes in which they occur. Vectors that the
 * compiler boxes would show here: 96 bytes for each of 16 elements.
 *
 * <p>The operations run in a Java of their own, as those of a training do: what other tests have
 * called before decides about what the compiler inlines.
 */
class HostAllocationTest {
  /** Calls of a round, and rounds in a row that must allocate nothing. */
  private static final int CALLS = 5, QUIET_ROUNDS = 20;

  /** Calls go on for so long at most: a busy machine may take its time to compile. */
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private static final HostDevice DEVICE = new HostDevice(1, new ScalarStart(0));

  private final List<Operation> operations = new ArrayList<>();

  private record Operation(String name, Runnable call) {}

  /** All operations. */
  static final class All {
    /** Prints what went wrong, else {@code quiet}. */
    public static void main(String[] arguments) {
      new HostAllocationTest().run(one -> true);
      DEVICE.close();
      System.out.println("quiet");
    }
  }

  /** Products, attention without dropout, and losses. */
  static final class Losses {
    /** Prints what went wrong, else {@code quiet}. */
    public static void main(String[] arguments) {
      new HostAllocationTest()
          .run(
              one ->
                  one.operation().matches("attention.* without dropout")
                      || one.operation()
                          .matches(
                              "contrastiveLoss|softmaxCrossEntropy|segmentCrossEntropy|squaredError"));
      DEVICE.close();
      System.out.println("quiet");
    }
  }

  @Test
  void warmOperationsAllocateNothing() {
    assertThat(run(All.class)).isEqualTo("quiet");
  }

  /**
   * Whether the compiler inlines a method depends on what it has compiled before: here it inlines
   * none of the CPU's, as if each were large already. A vector that one hands to another shows.
   */
  @Test
  void noVectorGoesFromMethodToMethod() {
    assertThat(
            run(
                All.class,
                "-XX:CompileCommand=quiet",
                "-XX:CompileCommand=dontinline,org.mirror4j.device.host.*::*"))
        .isEqualTo("quiet");
  }

  /**
   * Where the compiler has been wrong often enough about the classes that it saw, it does not rely
   * on them any more: here from the start.
   */
  @Test
  void lossesDoNotRelyOnTheClassesSeen() {
    assertThat(run(Losses.class, "-XX:PerMethodTrapLimit=0", "-XX:-UseTypeSpeculation"))
        .isEqualTo("quiet");
  }

  private static String run(Class<?> main, String... options) {
    return ForkedJava.run(main, jar -> false, options);
  }

  /** The operations of some cases, at all of their sizes, and those of no case. */
  private void run(Predicate<OperationCase> wanted) {
    for (DType storage : DEVICE.storageTypes()) {
      List<Prepared> prepared = new ArrayList<>();
      try (DeviceBuffers buffers = new DeviceBuffers(DEVICE, storage)) {
        for (OperationCase one : OperationCases.all()) {
          for (Sizes sizes : wanted.test(one) ? one.awkward() : List.<Sizes>of()) {
            Prepared operands = one.prepare(DEVICE, storage, storage, sizes);
            prepared.add(operands);
            operation(one + " " + sizes, operands.call());
          }
        }
        productsAndCopies(buffers);
        settle();
      } finally {
        prepared.forEach(Prepared::close);
      }
    }
  }

  private void productsAndCopies(DeviceBuffers buffers) {
    Kernels k = DEVICE.kernels();
    int tokens = 80;
    Tensor context = buffers.stored("context", new float[tokens * 64], tokens, 64);
    Tensor copy = buffers.stored("copy", new float[tokens * 64], tokens, 64);
    Tensor qkv = buffers.stored("qkv", new float[tokens * 192], tokens, 192);
    Tensor weight = buffers.stored("weight", new float[192 * 64], 192, 64);
    operation("copy", () -> k.memory().copy(copy, context));
    operation("gemm", () -> k.product().gemm(GemmSpec.NT, qkv, context, weight));
    for (int rows : new int[] {1, FewRowProducts.MOST_ROWS}) {
      Tensor few = buffers.stored("few", new float[rows * 64], rows, 64);
      Tensor result = buffers.stored("result", rows, 192);
      operation("gemm of few rows", () -> k.product().gemm(GemmSpec.NT, result, few, weight));
    }
    Tensor dWeight = buffers.f32("dWeight", new float[192 * 64], 192, 64);
    operation("gemm", () -> k.product().gemm(GemmSpec.TN_ADD, dWeight, qkv, context));
    operation(
        "gemmStridedBatched",
        () -> k.product().gemmStridedBatched(GemmSpec.NT, 1, qkv, context, weight));
  }

  private void operation(String name, Runnable call) {
    operations.add(new Operation(name, call));
  }

  /** Calls all operations in turn until several rounds have allocated nothing; forgets them. */
  private void settle() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    long[] allocated = new long[operations.size()];
    int quiet = 0;
    while (quiet < QUIET_ROUNDS && System.nanoTime() < deadline) {
      quiet++;
      for (int i = 0; i < allocated.length; i++) {
        Runnable call = operations.get(i).call;
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int n = 0; n < CALLS; n++) {
          call.run();
        }
        allocated[i] = threads.getCurrentThreadAllocatedBytes() - before;
        quiet = allocated[i] == 0 ? quiet : 0;
      }
    }
    if (quiet < QUIET_ROUNDS) {
      fail(
          "bytes of %d warm calls: %s",
          CALLS,
          IntStream.range(0, allocated.length)
              .filter(i -> allocated[i] != 0)
              .mapToObj(i -> operations.get(i).name + " " + allocated[i])
              .toList());
    }
    operations.clear();
  }
}
