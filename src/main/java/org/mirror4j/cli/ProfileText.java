package org.mirror4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.mirror4j.device.ptx.count.Counter;
import org.mirror4j.device.ptx.count.CounterValues;
import org.mirror4j.device.ptx.count.Gpu;
import org.mirror4j.device.ptx.count.LowerBound;
import org.mirror4j.research.CountedLaunch;
import org.mirror4j.research.KernelProfile;

/** A profile for people, alone or beside that of the kernel whose place it takes. */
final class ProfileText {
  private static final String LINE = "%-34s %20s";
  private static final String PAIR = "%-34s %20s %20s  %8s";

  private ProfileText() {}

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

  /**
   * All of it.
   *
   * @param original the profile of the kernel of this build, where the other replaces it
   */
  static String of(KernelProfile profile, Optional<KernelProfile> original) {
    CountedLaunch launch = profile.launch();
    List<String> text = new ArrayList<>();
    text.add(
        "%s, storage %s, of %s at %s"
            .formatted(
                launch.entry(),
                launch.storage().label(),
                profile.operation().operation(),
                profile.sizes()));
    original.ifPresent(one -> text.add("this build's: " + about(one)));
    text.add((original.isPresent() ? "the variant's: " : "") + about(profile));
    text.add("");
    List<Line> lines = lines(profile, counters(profile, original));
    if (original.isEmpty()) {
      lines.forEach(line -> text.add(LINE.formatted(line.name, line.value).stripTrailing()));
    } else {
      List<Line> before = lines(original.get(), counters(profile, original));
      text.add(PAIR.formatted("", "this build", "variant", "ratio"));
      for (int i = 0; i < lines.size(); i++) {
        text.add(pair(before.get(i), lines.get(i)).stripTrailing());
      }
    }
    return String.join(System.lineSeparator(), text) + System.lineSeparator();
  }

  private static String about(KernelProfile profile) {
    CountedLaunch launch = profile.launch();
    return "grid %d, block %d, %s%s%s"
        .formatted(
            launch.grid(),
            launch.block(),
            launch.scalars(),
            System.lineSeparator(),
            profile
                .wrong()
                .map("results WRONG: %s"::formatted)
                .orElse("results right: those of the processor within rounding"));
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
  private static Set<String> counters(KernelProfile profile, Optional<KernelProfile> original) {
    Set<String> names = profile.launch().counts().byName().keySet();
    // What is there only where it is not 0 makes the one longer that has it.
    return original
        .map(one -> one.launch().counts().byName().keySet())
        .filter(others -> others.size() > names.size())
        .orElse(names);
  }

  private static List<Line> lines(KernelProfile profile, Set<String> counters) {
    CountedLaunch launch = profile.launch();
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
    for (Gpu gpu : Gpu.ALL) {
      LowerBound bound = LowerBound.of(launch.counts(), gpu);
      String text = String.format(Locale.ROOT, "%.2f us (%s)", bound.micros(), bound.limiter());
      lines.add(new Line(gpu.name(), text, OptionalDouble.of(bound.micros())));
    }
    return lines;
  }

  private static String decimal(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static Line ratio(String name, long bytes, CountedLaunch launch) {
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
}
