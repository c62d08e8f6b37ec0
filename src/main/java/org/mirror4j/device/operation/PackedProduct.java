package org.mirror4j.device.operation;

import java.util.Set;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/**
 * Products {@code c = a w^T} with weights that do not change and that are brought into an order of
 * the device's own once: of a model that only goes forward. Of few rows most of a product's time
 * goes into that order otherwise.
 *
 * <p>Types f32 and bf16 are the products of {@link Product}. With weights in int8 a and c are f32,
 * and each row of a is rounded, to 8 bits that span its own values and 0 (dynamic quantization):
 *
 * <pre>
 *   low = min(0, min over k of a[m, k]),  high = max(0, max over k of a[m, k])
 *   t = (high - low) / 255,  i = 1 / t, or 0 where that is infinite,  z = rint(-low i)
 *   u[m, k] = min(max(rint(fma(a[m, k], i, z)), 0), 255)
 *   c[m, n] = (t scales[n]) (sum over k of u[m, k] q[n, k] - z sums[n])
 * </pre>
 *
 * <p>There sums are exact in 32 bits, so that the bits of a row depend on that row alone: not on
 * the rows beside it, nor on threads. A row with a number that is not finite gives no finite
 * number.
 */
public abstract class PackedProduct {
  /** Most inputs of a sum that 32 bits hold: of 255 times 127 each, less the same times z. */
  private static final int MOST_INPUTS = Integer.MAX_VALUE / (2 * 255 * 127);

  private final OperandCheck check;

  /**
   * @param check of the operands, before anything is computed
   */
  protected PackedProduct(OperandCheck check) {
    this.check = check;
  }

  /** Types that weights can be packed in. */
  public abstract Set<DType> types();

  /**
   * Rows of a product from which on more gain nothing: the weights' order costs nothing any more,
   * and what a layer computes is to be in the caches still when the next operation reads it.
   */
  public abstract int batchRows();

  /** Size of the values of a weight. */
  public abstract long bytes(DType type, int outputs, int inputs);

  /**
   * Packs a weight, rounded to its type: bf16 to nearest even, int8 by {@code scales[n] = max over
   * k of |w[n, k]| / 127, q = rint(w / scales)}, where a row of zeros has a scale of 0 and one
   * below the normal numbers the next greater, should its quotient be rounded down too far.
   *
   * @param packed overwritten
   * @param w f32[outputs, inputs], finite
   */
  public final void pack(PackedWeight packed, Tensor w) {
    check
        .of("pack")
        .outputBytes(
            "values", packed.values(), bytes(packed.type(), packed.outputs(), packed.inputs()))
        .input("w", w, packed.outputs(), packed.inputs(), "[outputs, inputs]");
    if (packed.type() == DType.INT8) {
      check
          .require(
              packed.inputs() <= MOST_INPUTS, "inputs", packed.inputs(), "at most " + MOST_INPUTS)
          .output("scales", packed.scales(), packed.outputs(), "[outputs]")
          .outputIndices("sums", packed.sums(), packed.outputs(), "[outputs]");
    }
    computePack(packed, w);
  }

  /** What the device does for {@link #pack}; the operands fit. */
  protected abstract void computePack(PackedWeight packed, Tensor w);

  /**
   * {@code c = a w^T}, as above.
   *
   * @param c [rows, outputs] in the type of w, of int8 f32; overwritten
   * @param a [rows, inputs], of the same type
   */
  public final void multiply(Tensor c, Tensor a, PackedWeight w) {
    int rows = a.rows();
    check.of("multiply");
    if (w.type() == DType.INT8) {
      check
          .input("a", a, rows, w.inputs(), "[rows, inputs]")
          .output("c", c, rows, w.outputs(), "[rows, outputs]")
          .input("scales", w.scales(), w.outputs(), "[outputs]")
          .indices("sums", w.sums(), w.outputs(), "[outputs]");
    } else {
      check
          .require(a.dtype() == w.type(), "bytes of an element of a", a.dtype().bytes(), "w's type")
          .storedInput("a", a, rows, w.inputs(), "[rows, inputs]")
          .storedOutput("c", c, rows, w.outputs(), "[rows, outputs]");
    }
    check.operand("values", w.values(), false);
    computeMultiply(c, a, w);
  }

  /** What the device does for {@link #multiply}; the operands fit. */
  protected abstract void computeMultiply(Tensor c, Tensor a, PackedWeight w);
}
