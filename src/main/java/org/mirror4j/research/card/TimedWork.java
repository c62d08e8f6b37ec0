package org.mirror4j.research.card;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.mirror4j.device.launch.Driver;
import org.mirror4j.tensor.Tensor;

/** Work on the card that is timed in turn with other work, and the bytes that it must move. */
public final class TimedWork {
  /** Launches between two events. */
  private static final int LAUNCHES = 20;

  /** Fills that keep the card busy until the host has put all launches in. */
  private static final int FILLS = 8;

  private final Runnable work;
  private final long trafficBytes;
  private final List<Double> micros = new ArrayList<>();

  /**
   * Not timed yet.
   *
   * @param trafficBytes what the work must at least read and write
   */
  public TimedWork(Runnable work, long trafficBytes) {
    this.work = work;
    this.trafficBytes = trafficBytes;
  }

  /**
   * Times all in turn, over and over: a clock that changes changes all alike.
   *
   * @param busy is filled before each timing, so that the cost of launching is hidden
   */
  public static void time(CardBench bench, Driver driver, Tensor busy, List<TimedWork> all) {
    for (int repeat = 0; repeat <= bench.size().repeats() && !bench.late(); repeat++) {
      for (TimedWork one : all) {
        for (int i = 0; i < FILLS; i++) {
          driver.fill(busy.address(), repeat, busy.size());
        }
        double micros = Timing.once(driver, one::repeat) / LAUNCHES;
        if (repeat > 0) {
          one.micros.add(micros);
        }
      }
    }
  }

  /** Does the work once. */
  public void run() {
    work.run();
  }

  private void repeat() {
    for (int i = 0; i < LAUNCHES; i++) {
      work.run();
    }
  }

  /** Puts the times, if there are any. */
  public void put(ObjectNode row) {
    if (micros.isEmpty()) {
      return;
    }
    double median = Summary.median(micros);
    row.put("micros", median);
    row.put("microsLeast", micros.stream().mapToDouble(Double::doubleValue).min().orElseThrow());
    row.put("trafficBytes", trafficBytes);
    row.put("bytesPerSecond", trafficBytes / median * 1e6);
  }
}
