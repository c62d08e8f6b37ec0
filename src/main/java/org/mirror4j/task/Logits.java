package org.mirror4j.task;

/** What the heads of models give, before anything is made of it. */
public final class Logits {
  private Logits() {}

  /**
   * One that can be compared with others.
   *
   * @throws IllegalStateException if it is not finite
   */
  public static float requireFinite(float logit) {
    if (!Float.isFinite(logit)) {
      throw new IllegalStateException(
          "the model gives logits that are not finite; --precision f32 has the widest range");
    }
    return logit;
  }
}
