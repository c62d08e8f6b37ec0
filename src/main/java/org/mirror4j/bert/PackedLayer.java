package org.mirror4j.bert;

import org.mirror4j.device.Device;
import org.mirror4j.device.operation.PackedProduct;
import org.mirror4j.device.operation.PackedWeight;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * The packed weights of a layer's products, all of one type.
 *
 * @param qkv [3 hidden, hidden], queries, keys and values
 * @param attention [hidden, hidden], of the context
 * @param intermediate [intermediate, hidden], first of the feed-forward block
 * @param output [hidden, intermediate], second of the feed-forward block
 */
public record PackedLayer(
    PackedWeight qkv, PackedWeight attention, PackedWeight intermediate, PackedWeight output) {
  /** Their type. */
  DType type() {
    return qkv.type();
  }

  /**
   * Packs a layer, whose memory may be taken back.
   *
   * @param workspace has the packed weights
   * @param type one that the device has packed products of
   */
  static PackedLayer pack(
      Device device, Workspace workspace, DType type, BertParameters.Layer layer) {
    return new PackedLayer(
        pack(device, workspace, type, layer.attention().qkvWeight()),
        pack(device, workspace, type, layer.block().attentionWeight()),
        pack(device, workspace, type, layer.block().intermediateWeight()),
        pack(device, workspace, type, layer.block().outputWeight()));
  }

  private static PackedWeight pack(Device device, Workspace workspace, DType type, Tensor weight) {
    PackedProduct product = device.packed(type).orElseThrow();
    PackedWeight packed =
        PackedWeight.plan(workspace, product, type, weight.name(), weight.rows(), weight.columns());
    product.pack(packed, weight);
    device.discard(weight);
    return packed;
  }
}
