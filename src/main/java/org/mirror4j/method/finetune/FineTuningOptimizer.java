package org.mirror4j.method.finetune;

import org.mirror4j.optim.AdamW;
import org.mirror4j.optim.BiasCorrection;

/**
 * The Adam that an encoder and its head are fine-tuned by. Both decay decoupled, biases and
 * LayerNorm excepted. Over some hundred steps the choice is seen in scores and in how many seeds
 * fail (Mosbach et al. 2021; Zhang et al. 2021), over thousands it is not.
 */
public enum FineTuningOptimizer {
  /** BertAdam: no bias correction, epsilon 1e-6. BERT's own fine-tuning and SpanBERT's. */
  BERT {
    @Override
    AdamW.Settings settings(double weightDecay) {
      return AdamW.Settings.bert(weightDecay);
    }
  },
  /**
   * Both moments corrected, epsilon 1e-8: PyTorch's, with which transformers fine-tunes and has its
   * published scores of GLUE.
   */
  ADAMW {
    @Override
    AdamW.Settings settings(double weightDecay) {
      return new AdamW.Settings(BiasCorrection.MOMENTS, 0.9, 0.999, 1e-8, weightDecay, false);
    }
  };

  /** Its constants. */
  abstract AdamW.Settings settings(double weightDecay);
}
