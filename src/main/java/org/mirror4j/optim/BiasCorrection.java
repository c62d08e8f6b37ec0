package org.mirror4j.optim;

/**
 * What an update of Adam does about moments that began at zero (Kingma and Ba 2015, section 3), and
 * with it where epsilon is added. The update is {@code stepSize * m / (inverseRoot * sqrt(v) +
 * epsilon)}; both factors are computed in f64 from f32 settings and rounded once. Powers are
 * products, whose bits no library decides and which take nothing from the heap.
 */
public enum BiasCorrection {
  /**
   * None: {@code rate * m / (sqrt(v) + epsilon)}. AdamWeightDecayOptimizer of Google's BERT and of
   * BERT-flow, BertAdam of SpanBERT's fine-tuning.
   */
  NONE {
    @Override
    public float stepSize(float rate, float beta1, float beta2, int number) {
      return rate;
    }

    @Override
    public float inverseRoot(float beta2, int number) {
      return 1;
    }
  },
  /**
   * Of both moments, before epsilon is added (Kingma and Ba 2015, algorithm 1): {@code rate / (1 -
   * beta1^t) * m / (sqrt(v / (1 - beta2^t)) + epsilon)}. PyTorch.
   */
  MOMENTS {
    @Override
    public float stepSize(float rate, float beta1, float beta2, int number) {
      return (float) (rate / (1 - power(beta1, number)));
    }

    @Override
    public float inverseRoot(float beta2, int number) {
      return (float) (1 / Math.sqrt(1 - power(beta2, number)));
    }
  },
  /**
   * Of the step size, after epsilon was added to the root as it is (Kingma and Ba 2015, end of
   * section 2): {@code rate * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon)}.
   * fairseq, with which SpanBERT was pretrained, and TensorFlow's Adam.
   */
  STEP_SIZE {
    @Override
    public float stepSize(float rate, float beta1, float beta2, int number) {
      return (float) (rate * Math.sqrt(1 - power(beta2, number)) / (1 - power(beta1, number)));
    }

    @Override
    public float inverseRoot(float beta2, int number) {
      return 1;
    }
  };

  /**
   * What the first moment is multiplied by.
   *
   * @param rate learning rate
   * @param number of the update, counts from 1
   */
  public abstract float stepSize(float rate, float beta1, float beta2, int number);

  /**
   * What the root of the second moment is multiplied by before epsilon is added.
   *
   * @param number of the update, counts from 1
   */
  public abstract float inverseRoot(float beta2, int number);

  /**
   * {@code base^exponent} by squaring. Relative error at most {@code 2 exponent u}, u = 2^-53: each
   * squaring doubles that of before and adds u, and so does each product.
   */
  static double power(double base, int exponent) {
    double result = 1;
    double square = base;
    for (int rest = exponent; rest > 0; rest >>= 1) {
      if ((rest & 1) == 1) {
        result *= square;
      }
      square *= square;
    }
    return result;
  }
}
