package org.mirror4j.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What came of the inputs of a format. */
final class FuzzFigures {
  static final String HEADER =
      "%-24s %9s %9s %9s %5s %9s %10s %10s"
          .formatted(
              "format",
              "inputs",
              "accepted",
              "refused",
              "bad",
              "inputs/s",
              "slowest ms",
              "most KiB");

  private static final int KEPT = 20;

  private final String format;
  private final long begin = System.nanoTime();
  private final long[] kinds = new long[Ending.Kind.values().length];
  private final List<Ending> bad = new ArrayList<>();
  private long slowest;
  private long most;
  private long last = begin;

  FuzzFigures(String format) {
    this.format = format;
  }

  void add(Ending ending) {
    kinds[ending.kind().ordinal()]++;
    slowest = Math.max(slowest, ending.nanos());
    most = Math.max(most, ending.bytes());
    last = System.nanoTime();
    if (ending.kind() == Ending.Kind.BAD && bad.size() < KEPT) {
      bad.add(ending);
    }
  }

  long count(Ending.Kind kind) {
    return kinds[kind.ordinal()];
  }

  /** The first bad endings. */
  List<Ending> bad() {
    return bad;
  }

  double perSecond() {
    return inputs() / Math.max(1e-9, (last - begin) * 1e-9);
  }

  private long inputs() {
    return kinds[0] + kinds[1] + kinds[2];
  }

  /** A row below {@link #HEADER}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%-24s %9d %9d %9d %5d %9.0f %10.1f %10d",
        format,
        inputs(),
        count(Ending.Kind.ACCEPTED),
        count(Ending.Kind.REFUSED),
        count(Ending.Kind.BAD),
        perSecond(),
        slowest * 1e-6,
        most >> 10);
  }
}
