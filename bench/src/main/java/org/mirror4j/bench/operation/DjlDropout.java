package org.mirror4j.bench.operation;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.norm.Dropout;

/** DJL's dropout where there is any. */
final class DjlDropout {
  private DjlDropout() {}

  static NDArray drop(NDArray x, float rate) {
    return rate == 0 ? x : Dropout.dropout(x, rate, true).singletonOrThrow();
  }
}
