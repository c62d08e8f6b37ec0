package org.mirror4j.bert;

import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * What the forward pass of one layer leaves for its backward pass, in the storage type but for the
 * statistics, which are f32.
 *
 * @param qkv [tokens, 3 hidden], with bias
 * @param context [tokens, hidden]
 * @param logSumExp [tokens, heads]
 * @param attention LayerNorm after the attention
 * @param intermediate [tokens, intermediate], before bias and activation
 * @param activated [tokens, intermediate], after them
 * @param output LayerNorm after the feed-forward block; its y is the layer's output
 */
record LayerActivations(
    Tensor qkv,
    Tensor context,
    Tensor logSumExp,
    Norm attention,
    Tensor intermediate,
    Tensor activated,
    Norm output) {

  /**
   * Buffers of a LayerNorm.
   *
   * @param y [tokens, hidden], output
   * @param z [tokens, hidden], input
   * @param mean [tokens]
   * @param rstd [tokens]
   */
  record Norm(Tensor y, Tensor z, Tensor mean, Tensor rstd) {
    static Norm plan(Workspace workspace, DType storage, String name, int tokens, int hidden) {
      Shape shape = Shape.of(tokens, hidden);
      return new Norm(
          workspace.tensor(name + ".y", storage, shape),
          workspace.tensor(name + ".z", storage, shape),
          workspace.f32(name + ".mean", tokens),
          workspace.f32(name + ".rstd", tokens));
    }

    void rows(int tokens) {
      y.rows(tokens);
      z.rows(tokens);
      mean.rows(tokens);
      rstd.rows(tokens);
    }
  }

  static LayerActivations plan(
      Workspace workspace, BertConfig config, DType storage, String name, int tokens) {
    int hidden = config.hiddenSize();
    Shape intermediate = Shape.of(tokens, config.intermediateSize());
    return new LayerActivations(
        workspace.tensor(name + ".qkv", storage, Shape.of(tokens, 3 * hidden)),
        workspace.tensor(name + ".context", storage, Shape.of(tokens, hidden)),
        workspace.f32(name + ".logSumExp", tokens, config.numAttentionHeads()),
        Norm.plan(workspace, storage, name + ".attention", tokens, hidden),
        workspace.tensor(name + ".intermediate", storage, intermediate),
        workspace.tensor(name + ".activated", storage, intermediate),
        Norm.plan(workspace, storage, name + ".output", tokens, hidden));
  }

  void rows(int tokens) {
    qkv.rows(tokens);
    context.rows(tokens);
    logSumExp.rows(tokens);
    attention.rows(tokens);
    intermediate.rows(tokens);
    activated.rows(tokens);
    output.rows(tokens);
  }
}
