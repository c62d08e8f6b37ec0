package org.mirror4j.device.cuda;

import org.mirror4j.tensor.Tensor;

/** What works on tensors of any shape, element by element. */
final class CudaElementwise {
  private final KernelLauncher launcher;
  private final CudaScratch scratch;

  CudaElementwise(KernelLauncher launcher, CudaScratch scratch) {
    this.launcher = launcher;
    this.scratch = scratch;
  }

  /** {@link org.mirror4j.device.Kernels#fill}. */
  void fill(Tensor x, float value) {
    throw new UnsupportedOperationException("fill");
  }

  /** {@link org.mirror4j.device.Kernels#copy}. */
  void copy(Tensor y, Tensor x) {
    throw new UnsupportedOperationException("copy");
  }

  /** {@link org.mirror4j.device.Kernels#convert}. */
  void convert(Tensor y, Tensor x) {
    throw new UnsupportedOperationException("convert");
  }

  /** {@link org.mirror4j.device.Kernels#scale}. */
  void scale(Tensor x, float factor) {
    throw new UnsupportedOperationException("scale");
  }

  /** {@link org.mirror4j.device.Kernels#sumOfSquares}. */
  void sumOfSquares(Tensor result, Tensor x) {
    throw new UnsupportedOperationException("sumOfSquares");
  }

  /** {@link org.mirror4j.device.Kernels#anyNonFinite}. */
  void anyNonFinite(Tensor result, Tensor x) {
    throw new UnsupportedOperationException("anyNonFinite");
  }
}
