package org.mirror4j.objective;

import org.mirror4j.bert.BertConfig;
import org.mirror4j.tensor.Parameter;
import org.mirror4j.tensor.ParameterScope;
import org.mirror4j.tensor.Tensor;

/**
 * Parameters of a linear layer over hidden states, {@code x V^T + c}.
 *
 * @param weight V, [outputs, hidden]
 * @param bias c, [outputs]
 */
record LinearParameters(Tensor weight, Tensor bias) {
  /**
   * Takes them, as {@code weight} and {@code bias}.
   *
   * @param scope of the module
   */
  static LinearParameters take(ParameterScope scope, BertConfig config, int outputs) {
    return new LinearParameters(
        scope.take(
            Parameter.weight("weight", outputs, config.hiddenSize(), config.initializerRange())),
        scope.take(Parameter.bias("bias", outputs)));
  }
}
