package org.mirror4j.bert;

import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.PackedProduct;
import org.mirror4j.device.operation.PackedWeight;
import org.mirror4j.tensor.Tensor;

/**
 * The products {@code y = x W^T} of a layer's forward pass, with weights as they are stored.
 *
 * @param qkv of its input: queries, keys and values side by side
 * @param attention of the context
 * @param intermediate first of the feed-forward block
 * @param output second of the feed-forward block
 */
record LayerProducts(Linear qkv, Linear attention, Linear intermediate, Linear output) {
  /** One of them. */
  @FunctionalInterface
  interface Linear {
    /**
     * Computes it.
     *
     * @param y [rows, outputs], overwritten
     * @param x [rows, inputs]
     */
    void multiply(Tensor y, Tensor x);
  }

  /** With weights in the storage type. */
  static LayerProducts of(Kernels kernels, BertParameters.Layer stored) {
    return new LayerProducts(
        linear(kernels, stored.attention().qkvWeight()),
        linear(kernels, stored.block().attentionWeight()),
        linear(kernels, stored.block().intermediateWeight()),
        linear(kernels, stored.block().outputWeight()));
  }

  private static Linear linear(Kernels kernels, Tensor weight) {
    return (y, x) -> kernels.product().gemm(GemmSpec.NT, y, x, weight);
  }

  /** With packed weights. */
  static LayerProducts of(PackedProduct product, PackedLayer weights) {
    return new LayerProducts(
        linear(product, weights.qkv()),
        linear(product, weights.attention()),
        linear(product, weights.intermediate()),
        linear(product, weights.output()));
  }

  private static Linear linear(PackedProduct product, PackedWeight weight) {
    return (y, x) -> product.multiply(y, x, weight);
  }
}
