package org.mirror4j.calibrate;

import java.util.OptionalInt;

/** The linear calibrations by name, as options and files have them. */
public enum LinearKind {
  WHITENING,
  STANDARDISATION,
  REMOVE_DIRECTIONS;

  /**
   * The calibration.
   *
   * @param dimension of whitened vectors; empty for all
   * @param directions that are removed
   * @param epsilon least variance that is divided by, as a share of the largest
   * @throws IllegalArgumentException if a value is out of range; the message names it
   */
  public LinearCalibration of(OptionalInt dimension, int directions, double epsilon) {
    return switch (this) {
      case WHITENING -> new Whitening(dimension, epsilon);
      case STANDARDISATION -> new Standardisation(epsilon);
      case REMOVE_DIRECTIONS -> new DirectionRemoval(directions);
    };
  }
}
