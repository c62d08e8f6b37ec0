package org.mirror4j.train;

/** Checks of settings, for the constructors of their records; messages name the option. */
public final class Settings {
  private Settings() {}

  /** Fails if a number is too small. */
  public static void atLeast(String option, int value, int least) {
    require(value >= least, option, value, "at least " + least);
  }

  /** Fails if a number is negative or not finite. */
  public static void notNegative(String option, double value) {
    require(value >= 0 && Double.isFinite(value), option, value, "at least 0 and finite");
  }

  /** Fails if a number is not positive or not finite. */
  public static void positive(String option, double value) {
    require(value > 0 && Double.isFinite(value), option, value, "more than 0 and finite");
  }

  /** Fails if a number is no share of something that is there. */
  public static void share(String option, double value) {
    require(value > 0 && value <= 1, option, value, "more than 0, at most 1");
  }

  /**
   * Steps of all epochs, of the last one perhaps a part.
   *
   * @param most steps of the run; 0 for as many as the epochs have
   * @throws IllegalArgumentException if they are more than can be counted, and {@code most} is 0
   */
  public static int steps(double epochs, int stepsPerEpoch, int most) {
    double all = Math.floor(epochs * stepsPerEpoch);
    if (most > 0) {
      return (int) Math.min(all, most);
    }
    require(
        all <= Integer.MAX_VALUE,
        "--epochs",
        epochs == (long) epochs ? Long.toString((long) epochs) : epochs,
        "at most %d with %d steps an epoch"
            .formatted(Integer.MAX_VALUE / Math.max(1, stepsPerEpoch), stepsPerEpoch));
    return (int) all;
  }

  /**
   * Fails if a value is not what it should be.
   *
   * @throws IllegalArgumentException {@code OPTION is VALUE, expected EXPECTED}
   */
  public static void require(boolean holds, String option, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(option + " is " + value + ", expected " + expected);
    }
  }
}
