package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.mirror4j.device.ptx.count.Counter;
import org.mirror4j.device.ptx.count.CounterValues;
import org.mirror4j.device.ptx.count.Gpu;
import org.mirror4j.device.ptx.count.LowerBound;
import org.mirror4j.research.CountedLaunch;

/** The counters of a launch and what cards take for it at least, alone or beside another's. */
final class LaunchCosts {
  private static final String LINE = "%-34s %20s";
  private static final String PAIR = "%-34s %20s %20s  %8s";

  private static final double SMALL = 0.1;

  private LaunchCosts() {}

  /**
   * What a line says.
   *
   * @param number of which a ratio is of use; empty where it is none
   */
  private record Line(String name, String value, OptionalDouble number) {
    static Line of(String name, long value) {
      return new Line(name, decimal(value), OptionalDouble.of(value));
    }
  }

  /** A line each. */
  static List<String> of(CountedLaunch launch, List<Gpu> gpus) {
    return lines(launch, launch.counts().byName().keySet(), gpus).stream()
        .map(line -> LINE.formatted(line.name, line.value).stripTrailing())
        .toList();
  }

  /** The same of two launches, with what the second has of the first. */
  static List<String> of(CountedLaunch original, CountedLaunch variant, List<Gpu> gpus) {
    Set<String> counters = counters(original, variant);
    List<Line> before = lines(original, counters, gpus);
    List<Line> now = lines(variant, counters, gpus);
    List<String> text = new ArrayList<>();
    text.add(PAIR.formatted("", "this build", "variant", "ratio"));
    for (int i = 0; i < now.size(); i++) {
      text.add(pair(before.get(i), now.get(i)).stripTrailing());
    }
    return text;
  }

  private static String pair(Line before, Line now) {
    boolean comparable = before.number.isPresent() && now.number.isPresent();
    double divisor = before.number.orElse(0);
    String ratio =
        !comparable || divisor == 0
            ? ""
            : String.format(Locale.ROOT, "%.3f", now.number.getAsDouble() / divisor);
    return PAIR.formatted(now.name, before.value, now.value, ratio);
  }

  /** The names of all counters that one of the two has. */
  private static Set<String> counters(CountedLaunch original, CountedLaunch variant) {
    Set<String> before = original.counts().byName().keySet();
    Set<String> now = variant.counts().byName().keySet();
    // What is there only where it is not 0 makes the one longer that has it.
    return before.size() > now.size() ? before : now;
  }

  private static List<Line> lines(CountedLaunch launch, Set<String> counters, List<Gpu> gpus) {
    List<Line> lines = new ArrayList<>();
    Map<String, Long> counts = launch.counts().byName();
    counters.forEach(name -> lines.add(Line.of(name, counts.getOrDefault(name, 0L))));
    CounterValues total = launch.counts().total();
    lines.add(new Line("", "", OptionalDouble.empty()));
    lines.add(Line.of("minimum bytes (header)", launch.minimumBytes()));
    lines.add(ratio("bytes moved / minimum", launch.counts().bytesMoved(), launch));
    lines.add(ratio("bytes touched / minimum", launch.counts().bytesTouched(), launch));
    lines.add(
        perRequest(
            "sectors per load request",
            total.get(Counter.GLOBAL_LOAD_SECTORS),
            total.get(Counter.GLOBAL_LOAD_IDEAL_SECTORS),
            total.get(Counter.GLOBAL_LOAD_REQUESTS)));
    lines.add(
        perRequest(
            "sectors per store request",
            total.get(Counter.GLOBAL_STORE_SECTORS),
            total.get(Counter.GLOBAL_STORE_IDEAL_SECTORS),
            total.get(Counter.GLOBAL_STORE_REQUESTS)));
    lines.add(Line.of("shared bank conflicts", total.get(Counter.SHARED_EXCESS_WAVEFRONTS)));
    lines.add(new Line("", "", OptionalDouble.empty()));
    lines.add(new Line("lower bounds", "", OptionalDouble.empty()));
    for (Gpu gpu : gpus) {
      LowerBound bound = LowerBound.of(launch.counts(), gpu);
      // Of a small launch two digits, not two places.
      String form = bound.micros() < SMALL ? "%.2g us (%s)" : "%.2f us (%s)";
      String text = String.format(Locale.ROOT, form, bound.micros(), bound.limiter());
      lines.add(new Line(gpu.name(), text, OptionalDouble.of(bound.micros())));
    }
    return lines;
  }

  private static String decimal(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static Line ratio(String name, long bytes, CountedLaunch launch) {
    if (launch.minimumBytes() == 0) {
      return new Line(name, "none", OptionalDouble.empty());
    }
    double ratio = (double) bytes / launch.minimumBytes();
    return new Line(name, String.format(Locale.ROOT, "%.3f", ratio), OptionalDouble.of(ratio));
  }

  private static Line perRequest(String name, long sectors, long ideal, long requests) {
    if (requests == 0) {
      return new Line(name, "none", OptionalDouble.empty());
    }
    double each = (double) sectors / requests;
    String text = String.format(Locale.ROOT, "%.2f (ideal %.2f)", each, (double) ideal / requests);
    return new Line(name, text, OptionalDouble.of(each));
  }

  /** The same for programs. */
  static void put(ObjectNode fields, CountedLaunch launch, List<Gpu> gpus) {
    ObjectNode counters = fields.putObject("counters");
    launch.counts().byName().forEach(counters::put);
    ObjectNode bounds = fields.putObject("lowerBounds");
    for (Gpu gpu : gpus) {
      LowerBound bound = LowerBound.of(launch.counts(), gpu);
      ObjectNode node = bounds.putObject(gpu.name());
      node.put("micros", bound.micros()).put("limiter", bound.limiter());
      bound.terms().forEach(node::put);
    }
  }
}
