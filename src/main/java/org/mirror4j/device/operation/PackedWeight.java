package org.mirror4j.device.operation;

import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * The weight w of a linear layer in an order of the device's own, see {@link PackedProduct}.
 *
 * @param type f32, bf16, or int8, symmetric with a scale for each output: {@code w[n, k] =
 *     scales[n] q[n, k]}, q from -127 to 127
 * @param outputs rows of w
 * @param inputs columns of w
 * @param values bytes
 * @param scales f32[outputs] of int8; of others null
 * @param sums i32[outputs] of int8, of q over the inputs; of others null
 */
public record PackedWeight(
    DType type, int outputs, int inputs, Tensor values, Tensor scales, Tensor sums) {
  /**
   * Plans one of unspecified content.
   *
   * @param name what the names of its tensors start with
   */
  public static PackedWeight plan(
      Workspace workspace,
      PackedProduct product,
      DType type,
      String name,
      int outputs,
      int inputs) {
    Shape bytes = Shape.of(Math.toIntExact(product.bytes(type, outputs, inputs)));
    boolean isInt8 = type == DType.INT8;
    return new PackedWeight(
        type,
        outputs,
        inputs,
        workspace.tensor(name + ".packed", DType.INT8, bytes),
        isInt8 ? workspace.f32(name + ".scales", outputs) : null,
        isInt8 ? workspace.i32(name + ".sums", outputs) : null);
  }
}
