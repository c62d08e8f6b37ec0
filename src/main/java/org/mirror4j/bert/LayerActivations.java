package org.mirror4j.bert;

import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * What the forward pass of one layer leaves for its backward pass.
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
    static Norm plan(Workspace workspace, String name, int tokens, int hidden) {
      return new Norm(
          workspace.f32(name + ".y", tokens, hidden),
          workspace.f32(name + ".z", tokens, hidden),
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

  static LayerActivations plan(Workspace workspace, BertConfig config, String name, int tokens) {
    int hidden = config.hiddenSize();
    return new LayerActivations(
        workspace.f32(name + ".qkv", tokens, 3 * hidden),
        workspace.f32(name + ".context", tokens, hidden),
        workspace.f32(name + ".logSumExp", tokens, config.numAttentionHeads()),
        Norm.plan(workspace, name + ".attention", tokens, hidden),
        workspace.f32(name + ".intermediate", tokens, config.intermediateSize()),
        workspace.f32(name + ".activated", tokens, config.intermediateSize()),
        Norm.plan(workspace, name + ".output", tokens, hidden));
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
