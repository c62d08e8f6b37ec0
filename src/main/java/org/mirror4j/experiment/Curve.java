package org.mirror4j.experiment;

import java.util.List;

/**
 * Values over an axis.
 *
 * @param points by ascending x
 */
record Curve(String name, List<Point> points) {
  /**
   * A value.
   *
   * @param spread drawn above and below, 0 for none
   */
  record Point(double x, double y, double spread) {}
}
