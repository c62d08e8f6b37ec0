package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.mirror4j.research.Epoch;
import org.mirror4j.research.Epoch.Comparison;
import org.mirror4j.research.Epoch.Kernel;

/** The kernels of an epoch, alone or beside those that replace some, for people and programs. */
final class EpochText {
  private static final String ALONE = "  %-38s %9s %9s %12s";
  private static final String PAIR = ALONE + " %12s %8s";
  private static final double NOTHING = 0;

  private EpochText() {}

  /**
   * A line a kernel, the longest first; one that is replaced is marked.
   *
   * @param replaced entries that this build has others for
   */
  static List<String> kernels(Comparison epoch, Set<String> replaced) {
    List<String> lines = new ArrayList<>();
    boolean alone = replaced.isEmpty();
    lines.add(
        alone
            ? ALONE.formatted("kernel", "launches", "GB", "ms")
            : PAIR.formatted(
                "kernel (* replaced)", "launches", "GB", "ms this build", "ms variant", "ratio"));
    for (Kernel kernel : epoch.original().kernels()) {
      String name = kernel.entry() + (replaced.contains(kernel.entry()) ? " *" : "");
      String launches = number("%,.0f", kernel.launches());
      String bytes = number("%.2f", kernel.bytes() * 1e-9);
      String time = number("%.3f", kernel.seconds() * 1e3);
      double other = epoch.variant().seconds(kernel.entry());
      lines.add(
          alone
              ? ALONE.formatted(name, launches, bytes, time)
              : PAIR.formatted(
                  name,
                  launches,
                  bytes,
                  time,
                  number("%.3f", other * 1e3),
                  ratio(other, kernel.seconds())));
    }
    return lines;
  }

  /** A line for each kernel that is replaced: whether it is right. */
  static List<String> right(Comparison epoch, Set<String> replaced) {
    return replaced.stream()
        .map(
            entry ->
                entry
                    + ": "
                    + (epoch.wrong().containsKey(entry)
                        ? ProfileText.right(epoch.wrong().get(entry))
                        : "such an epoch does not launch it; see 'kernels profile'"))
        .toList();
  }

  private static String ratio(double now, double before) {
    return before == NOTHING ? "" : number("%.3f", now / before);
  }

  private static String number(String form, double value) {
    return String.format(Locale.ROOT, form, value);
  }

  /** Puts what an epoch adds up to. */
  static void put(ObjectNode fields, Epoch epoch) {
    fields
        .put("launches", epoch.launches())
        .put("bytes", epoch.bytes())
        .put("matrixFlops", epoch.matrixFlops())
        .put("matrixSeconds", epoch.matrixSeconds())
        .put("kernelSeconds", epoch.kernelSeconds())
        .put("seconds", epoch.seconds());
    ArrayNode kernels = fields.putArray("kernels");
    for (Kernel kernel : epoch.kernels()) {
      kernels
          .addObject()
          .put("entry", kernel.entry())
          .put("launches", kernel.launches())
          .put("bytes", kernel.bytes())
          .put("seconds", kernel.seconds());
    }
  }

  /**
   * Puts whether kernels that replace others are right, of those that are launched.
   *
   * @param wrong by entry, where it is not
   */
  static void put(ArrayNode array, SortedMap<String, Optional<String>> wrong) {
    wrong.forEach(
        (entry, where) -> {
          ObjectNode node = array.addObject().put("entry", entry).put("right", where.isEmpty());
          where.ifPresent(text -> node.put("wrong", text));
        });
  }
}
