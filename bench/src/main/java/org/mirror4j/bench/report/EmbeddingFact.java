package org.mirror4j.bench.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.mirror4j.bench.embedding.EmbeddingContests;

/**
 * What the sides of an embedding contest say: the engine's times, and how much longer the fastest
 * rival takes, in f32 beside ours in f32 and of all rivals beside our fastest.
 */
record EmbeddingFact(ResultRow engine, List<ResultRow> sides) {
  private static final String OURS = "mirror4j ";

  /** A sentence. */
  String line() {
    List<String> times = new ArrayList<>();
    for (ResultRow side : sides) {
      if (isOurs(side)) {
        times.add("%s %s".formatted(precision(side), Format.time(textTime(side))));
      }
    }
    StringBuilder line =
        new StringBuilder(
            "MiniLM, %s: a text takes %s".formatted(engine.contest(), String.join(", ", times)));
    Optional<ResultRow> rival = fastest(side -> !isOurs(side));
    Optional<ResultRow> f32 = fastest(side -> !isOurs(side) && !isInt8(side));
    f32.ifPresent(side -> compare(side, "the fastest rival in f32", engine, line));
    if (!rival.equals(f32)) {
      compare(
          rival.orElseThrow(),
          "the fastest of all",
          fastest(EmbeddingFact::isOurs).orElseThrow(),
          line);
    }
    return line.append('.').toString();
  }

  private static void compare(ResultRow rival, String which, ResultRow ours, StringBuilder line) {
    line.append(
        "; %s (%s) takes %.2f times as long as %s"
            .formatted(which, rival.side(), rival.seconds() / ours.seconds(), precision(ours)));
  }

  private Optional<ResultRow> fastest(Predicate<ResultRow> wanted) {
    return sides.stream().filter(wanted).min(Comparator.comparing(ResultRow::seconds));
  }

  private static boolean isOurs(ResultRow side) {
    return side.side().startsWith(OURS);
  }

  private static boolean isInt8(ResultRow side) {
    return side.side().endsWith(EmbeddingContests.INT8);
  }

  /** Of {@code mirror4j int8, 2 threads}, {@code int8}. */
  private static String precision(ResultRow ours) {
    return ours.side().substring(OURS.length(), ours.side().indexOf(','));
  }

  private static double textTime(ResultRow side) {
    return 1 / side.number("itemsPerSecond");
  }
}
