package org.mirror4j.device.launch;

import org.mirror4j.device.operation.Factors;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.tensor.Tensor;

/**
 * Matrix products on row-major matrices: {@code c = op(a) op(b)}, added to c if the spec
 * accumulates. a and b have one type (f32, f16 or bf16), c has that type or f32; sums are f32. Same
 * inputs, same bits.
 */
public interface MatrixProducts extends AutoCloseable {
  /** One line for people: library and version. */
  String description();

  /**
   * {@code batch} products; matrix i of an operand is the i-th of {@code batch} equal runs of rows.
   *
   * @param factors what is multiplied where a and b are f32
   * @param c [batch * m, n]
   * @param a [batch * m, k], or [batch * k, m] if transposed
   * @param b [batch * k, n], or [batch * n, k] if transposed
   */
  void multiply(GemmSpec spec, Factors factors, int batch, Tensor c, Tensor a, Tensor b);

  @Override
  void close();
}
