package org.mirror4j.bench.product;

import org.mirror4j.device.host.HostDevice;
import org.mirror4j.tensor.DType;

/** What computes matrix products, on two threads or as many as the machine has. */
public enum Multiplier {
  /** The engine. */
  MIRROR4J("mirror4j f32", false) {
    @Override
    Multiplication prepare(
        ProductShape product, float[] a, float[] b, HostDevice device, int threads) {
      return new EngineMultiplication(product, DType.F32, a, b, device);
    }
  },
  /** The engine with operands of two bytes. */
  MIRROR4J_BF16("mirror4j bf16", true) {
    @Override
    Multiplication prepare(
        ProductShape product, float[] a, float[] b, HostDevice device, int threads) {
      return new EngineMultiplication(product, DType.BF16, a, b, device);
    }
  },
  /** {@code dnnl_sgemm} with its own threads. */
  ONEDNN("oneDNN f32", false) {
    @Override
    Multiplication prepare(
        ProductShape product, float[] a, float[] b, HostDevice device, int threads) {
      return LibraryMultiplication.oneDnn(product, a, b);
    }
  },
  /** oneDNN's matmul on bf16 operands, f32 sums and result. */
  ONEDNN_BF16("oneDNN bf16", true) {
    @Override
    Multiplication prepare(
        ProductShape product, float[] a, float[] b, HostDevice device, int threads) {
      return new OneDnnBf16Multiplication(product, a, b);
    }
  },
  /** OpenBLAS with its own threads. */
  OPENBLAS("OpenBLAS", false) {
    @Override
    Multiplication prepare(
        ProductShape product, float[] a, float[] b, HostDevice device, int threads) {
      return LibraryMultiplication.openBlas(product, a, b, threads);
    }
  },
  /** Intel's library with its own threads. */
  MKL("MKL", false) {
    @Override
    Multiplication prepare(
        ProductShape product, float[] a, float[] b, HostDevice device, int threads) {
      return LibraryMultiplication.mkl(product, a, b, threads);
    }
  },
  /** A kernel in Java. */
  VECTOR_API("Vector API", false) {
    @Override
    Multiplication prepare(
        ProductShape product, float[] a, float[] b, HostDevice device, int threads) {
      return new VectorMultiplication(product, a, b, threads);
    }
  },
  /** EJML's concurrent products. */
  EJML("EJML", false) {
    @Override
    Multiplication prepare(
        ProductShape product, float[] a, float[] b, HostDevice device, int threads) {
      return new EjmlMultiplication(product, a, b);
    }
  };

  private final String side;
  private final boolean rounded;

  Multiplier(String side, boolean rounded) {
    this.side = side;
    this.rounded = rounded;
  }

  /** What results call it. */
  public String side() {
    return side;
  }

  /** Whether operands are rounded to bf16 before they are multiplied. */
  boolean rounded() {
    return rounded;
  }

  /**
   * Takes the operands over.
   *
   * @param device the engine, one for all products: threads of several would wait for work on the
   *     same cores
   * @param threads of a library
   */
  abstract Multiplication prepare(
      ProductShape product, float[] a, float[] b, HostDevice device, int threads);
}
