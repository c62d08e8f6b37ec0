package org.mirror4j.calibrate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** A way of fitting an affine map to vectors by their mean and covariance. */
public sealed interface LinearCalibration permits Whitening, Standardisation, DirectionRemoval {
  /**
   * What was fitted.
   *
   * @param map of the vectors
   * @param notes what a user should know, a line each
   */
  record Fit(AffineMap map, List<String> notes) {}

  /**
   * Fits the map.
   *
   * @throws IllegalArgumentException if the vectors are too narrow for what is asked for
   */
  Fit fit(Moments moments);

  /**
   * Values of a vector after the map.
   *
   * @param inputWidth values of a vector before
   * @throws IllegalArgumentException if they are too few for what is asked for
   */
  int outputWidth(int inputWidth);

  /** Adds its settings. */
  void settings(ObjectNode json);

  /** In a few words, for people. */
  String described();
}
