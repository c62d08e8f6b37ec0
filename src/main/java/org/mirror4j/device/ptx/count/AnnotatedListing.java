package org.mirror4j.device.ptx.count;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A kernel's source with what each line cost beside it. Columns, blank where 0: warp instructions;
 * their average of active lanes; sectors of global memory and how many of them better placed bytes
 * would not need; wavefronts of shared memory and the excess of them; divergent branches.
 */
public final class AnnotatedListing {
  private static final String COLUMNS = "%10s %5s %10s %8s %10s %8s %8s | %s";

  private AnnotatedListing() {}

  /**
   * The listing, a heading first.
   *
   * @param source text of the kernel's file, as it was executed
   */
  public static List<String> of(String source, LaunchCounts counts) {
    List<String> listing = new ArrayList<>();
    listing.add(
        COLUMNS.formatted(
            "warps", "lanes", "sectors", "excess", "wavefronts", "excess", "diverged", "source"));
    List<String> lines = source.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      CounterValues values = counts.lines().get(i + 1);
      listing.add(annotate(values, lines.get(i)).stripTrailing());
    }
    listing.add(annotate(counts.total(), "total").stripTrailing());
    return listing;
  }

  static String annotate(CounterValues values, String source) {
    if (values == null) {
      return COLUMNS.formatted("", "", "", "", "", "", "", source);
    }
    long sectors = values.globalSectors();
    return COLUMNS.formatted(
        shown(values.get(Counter.WARP_INSTRUCTIONS)),
        String.format(Locale.ROOT, "%.1f", values.averageActiveLanes()),
        shown(sectors),
        shown(sectors - values.globalIdealSectors()),
        shown(values.get(Counter.SHARED_WAVEFRONTS)),
        shown(values.get(Counter.SHARED_EXCESS_WAVEFRONTS)),
        shown(values.get(Counter.DIVERGENT_BRANCHES)),
        source);
  }

  private static String shown(long value) {
    return value == 0 ? "" : Long.toString(value);
  }
}
