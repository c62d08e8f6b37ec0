package org.mirror4j.bench.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * The contrastive loss over all 2N views in DJL's operations: each view's negatives are all others
 * but its partner. What does not depend on the vectors is made once.
 */
public final class DjlContrastiveLoss {
  /** Finite, so that no gradient multiplies 0 by infinity. */
  private static final float EXCLUDED = -1e9f;

  private final NDArray temperature;
  private final NDArray excluded;
  private final NDArray partner;

  /**
   * A loss of so many views.
   *
   * @param manager owner of the constants
   */
  public DjlContrastiveLoss(NDManager manager, int views, double temperature) {
    float[] diagonal = new float[views * views];
    float[] partners = new float[views * views];
    for (int view = 0; view < views; view++) {
      diagonal[view * views + view] = EXCLUDED;
      partners[view * views + (view + views / 2) % views] = -1f / views;
    }
    Shape square = new Shape(views, views);
    this.temperature = manager.create((float) temperature);
    excluded = manager.create(diagonal, square);
    partner = manager.create(partners, square);
  }

  /**
   * The loss, a scalar.
   *
   * @param pooled [2N, hidden]: first views of all items, then second views
   */
  public NDArray forward(NDArray pooled) {
    NDArray unit = pooled.normalize(2, 1, 1e-12);
    return unit.matMul(unit.transpose())
        .div(temperature)
        .add(excluded)
        .logSoftmax(1)
        .mul(partner)
        .sum();
  }
}
