package org.mirror4j.method.whiten;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.mirror4j.calibrate.AffineMap;
import org.mirror4j.calibrate.LinearCalibration;
import org.mirror4j.calibrate.Moments;

/**
 * Calibrations that were fitted, each to what the one before it makes, as one map.
 *
 * @param map of the vectors
 * @param notes what a user should know, a line each
 */
record LinearFit(AffineMap map, List<String> notes) {
  /**
   * Fits calibrations.
   *
   * @throws IllegalArgumentException if the vectors are too narrow for one
   */
  static LinearFit of(List<LinearCalibration> calibrations, Moments moments) {
    AffineMap all = null;
    Moments now = moments;
    List<String> notes = new ArrayList<>();
    for (LinearCalibration calibration : calibrations) {
      LinearCalibration.Fit fit = calibration.fit(now);
      notes.addAll(fit.notes());
      all = all == null ? fit.map() : all.then(fit.map());
      now = now.after(fit.map());
    }
    return new LinearFit(all, notes);
  }

  /**
   * Refuses what {@link #of} would, before any vector is computed.
   *
   * @return width of the vectors after all calibrations
   * @throws IllegalArgumentException if there is no calibration, or the vectors are too narrow for
   *     one
   */
  static int requireWidth(List<LinearCalibration> calibrations, int width) {
    if (calibrations.isEmpty()) {
      throw new IllegalArgumentException("no calibration, expected at least one");
    }
    int now = width;
    for (LinearCalibration calibration : calibrations) {
      now = calibration.outputWidth(now);
    }
    return now;
  }

  /** The calibrations in a few words. */
  static String described(List<LinearCalibration> calibrations) {
    return calibrations.stream()
        .map(LinearCalibration::described)
        .collect(Collectors.joining(", then "));
  }
}
