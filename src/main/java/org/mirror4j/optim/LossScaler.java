package org.mirror4j.optim;

import org.mirror4j.tensor.DType;

/**
 * The factor that keeps small gradients of activations within the range of f16 (Micikevicius et al.
 * 2018, "Mixed Precision Training", section 3.2). The gradient of the loss is multiplied by it, and
 * {@link Optimization} divides those of the parameters by it. It starts at 2^16. A step whose
 * gradient is not finite is skipped and halves it; 2000 steps in a row that are not double it, to
 * at most 2^24. These numbers are the defaults of NVIDIA's apex.
 *
 * <p>f32 and bf16 have the range that it takes: with them the scale is 1 and no step is skipped.
 */
public final class LossScaler {
  private static final float FIRST = 0x1p16f;
  private static final float LARGEST = 0x1p24f;
  private static final int STEPS_TO_GROW = 2000;

  /**
   * What a run that resumes has to know.
   *
   * @param scale of the next step
   * @param goodSteps updates since the scale changed
   * @param skippedSteps steps without an update since the run began
   */
  public record State(float scale, int goodSteps, int skippedSteps) {
    /** Checks the values. */
    public State {
      if (!(scale >= 1 && scale <= LARGEST) || goodSteps < 0 || skippedSteps < 0) {
        throw new IllegalArgumentException(
            "loss scale is %s after %d good and %d skipped steps, expected 1 to %s and 0 or more"
                .formatted(scale, goodSteps, skippedSteps, LARGEST));
      }
    }
  }

  private final boolean dynamic;
  private float scale;
  private int goodSteps;
  private int skippedSteps;

  private LossScaler(boolean dynamic) {
    this.dynamic = dynamic;
    scale = dynamic ? FIRST : 1;
  }

  /** The scaler for a type that activations are stored in. */
  public static LossScaler of(DType storage) {
    return new LossScaler(storage == DType.F16);
  }

  /** Whether the scale changes during a run, so that a checkpoint has to hold {@link #state}. */
  public boolean dynamic() {
    return dynamic;
  }

  /** What the gradient of the loss is multiplied by, a power of two. */
  public float scale() {
    return scale;
  }

  /** Steps so far that made no update: Adam's count of updates leaves them out. */
  public int skippedSteps() {
    return skippedSteps;
  }

  /** The gradient was finite and the update is made. */
  void updated() {
    if (dynamic && ++goodSteps == STEPS_TO_GROW) {
      goodSteps = 0;
      scale = Math.min(2 * scale, LARGEST);
    }
  }

  /**
   * The gradient was not finite.
   *
   * @return whether the step may be skipped; at a scale of 1 the scale is not to blame
   */
  boolean skip() {
    if (scale == 1) {
      return false;
    }
    scale /= 2;
    goodSteps = 0;
    skippedSteps++;
    return true;
  }

  /** What a checkpoint holds. */
  public State state() {
    return new State(scale, goodSteps, skippedSteps);
  }

  /** Goes on from a checkpoint. */
  public void restore(State state) {
    scale = state.scale;
    goodSteps = state.goodSteps;
    skippedSteps = state.skippedSteps;
  }
}
