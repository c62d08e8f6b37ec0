package org.mirror4j.research.card;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.device.launch.Driver;

/** Time on the card, by its own events. */
final class Timing {
  private Timing() {}

  /**
   * Median of a few runs after one that does not count.
   *
   * @return microseconds
   */
  static double micros(Driver driver, int repeats, Runnable work) {
    work.run();
    List<Double> micros = new ArrayList<>();
    for (int i = 0; i < repeats; i++) {
      micros.add(once(driver, work));
    }
    return Summary.median(micros);
  }

  /** Microseconds of one run. */
  static double once(Driver driver, Runnable work) {
    try (Driver.Event start = driver.event();
        Driver.Event end = driver.event()) {
      start.record();
      work.run();
      end.record();
      return end.microsSince(start);
    }
  }
}
