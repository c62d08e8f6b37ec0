package org.mirror4j.device.ptx.count;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * The lines of two kernels whose counts differ. Lines that were executed are matched by their text
 * in order, as many as can be (longest common subsequence); a line that has no match differs from
 * none.
 */
public final class ListingDifference {
  /** Pairs of lines that are compared; of more, all between the first and last ones that differ. */
  private static final long MOST_PAIRS = 4_000_000;

  private final List<Line> before;
  private final List<Line> now;
  private final List<Line> different = new ArrayList<>();

  /**
   * A line that was executed.
   *
   * @param ofVariant whether it is one of the second kernel
   * @param number in its file, from 1
   */
  public record Line(boolean ofVariant, int number, String source, CounterValues counts) {
    /** As in a listing, behind {@code -} for the first kernel and {@code +} for the second. */
    @Override
    public String toString() {
      String text = "%4d: %s".formatted(number, source);
      return (ofVariant ? "+ " : "- ") + AnnotatedListing.annotate(counts, text).stripTrailing();
    }
  }

  private ListingDifference(List<Line> before, List<Line> now) {
    this.before = before;
    this.now = now;
  }

  /**
   * The lines, in the order of the texts; of lines that match, the first kernel's comes first.
   *
   * @param original text of the first kernel's file
   * @param variant text of the second one's
   */
  public static List<Line> of(
      String original, LaunchCounts counts, String variant, LaunchCounts variantCounts) {
    ListingDifference difference =
        new ListingDifference(lines(false, original, counts), lines(true, variant, variantCounts));
    difference.compare();
    return Collections.unmodifiableList(difference.different);
  }

  private static List<Line> lines(boolean ofVariant, String text, LaunchCounts counts) {
    List<String> source = text.lines().toList();
    List<Line> lines = new ArrayList<>();
    for (Map.Entry<Integer, CounterValues> line : counts.lines().entrySet()) {
      int number = line.getKey();
      lines.add(new Line(ofVariant, number, source.get(number - 1).strip(), line.getValue()));
    }
    return lines;
  }

  private boolean match(int i, int j) {
    return before.get(i).source.equals(now.get(j).source);
  }

  private void compare() {
    int shorter = Math.min(before.size(), now.size());
    int first = 0;
    while (first < shorter && match(first, first)) {
      pair(first, first);
      first++;
    }
    int same = 0;
    while (same < shorter - first && match(before.size() - 1 - same, now.size() - 1 - same)) {
      same++;
    }
    between(first, before.size() - same, now.size() - same);
    for (int back = same; back > 0; back--) {
      pair(before.size() - back, now.size() - back);
    }
  }

  /** Two lines of the same text. */
  private void pair(int i, int j) {
    if (!before.get(i).counts.equals(now.get(j).counts)) {
      different.add(before.get(i));
      different.add(now.get(j));
    }
  }

  /** Compares lines from the same first one to two different ends. */
  private void between(int first, int endBefore, int endNow) {
    int rows = endBefore - first;
    int columns = endNow - first;
    if ((long) rows * columns > MOST_PAIRS) {
      different.addAll(before.subList(first, endBefore));
      different.addAll(now.subList(first, endNow));
      return;
    }
    // Lines that can be matched from (i, j) to the ends.
    int[][] matches = new int[rows + 1][columns + 1];
    for (int i = rows - 1; i >= 0; i--) {
      for (int j = columns - 1; j >= 0; j--) {
        matches[i][j] =
            match(first + i, first + j)
                ? matches[i + 1][j + 1] + 1
                : Math.max(matches[i + 1][j], matches[i][j + 1]);
      }
    }
    int i = 0;
    int j = 0;
    while (i < rows || j < columns) {
      if (i < rows && j < columns && match(first + i, first + j)) {
        pair(first + i++, first + j++);
      } else if (j == columns || i < rows && matches[i + 1][j] >= matches[i][j + 1]) {
        different.add(before.get(first + i++));
      } else {
        different.add(now.get(first + j++));
      }
    }
  }
}
