package org.mirror4j.text;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Which name may have been meant by one that is not known. */
public final class Spelling {
  private Spelling() {}

  /**
   * The known name that is closest to a wrong one by the edits it takes (a character more, less or
   * other, or two neighbours exchanged; case does not count): fewer than a third of the longer of
   * the two, so that short names of other meaning are not offered. Of several the one closest in
   * length, then the first.
   */
  public static Optional<String> closest(String name, Collection<String> known) {
    return known.stream()
        .filter(
            candidate -> 3 * edits(name, candidate) < Math.max(name.length(), candidate.length()))
        .min(
            Comparator.<String>comparingInt(candidate -> edits(name, candidate))
                .thenComparingInt(candidate -> Math.abs(candidate.length() - name.length())));
  }

  /** {@link #closest} as the end of a message: {@code ; did you mean NAME?}, or nothing. */
  public static String hint(String name, Collection<String> known) {
    return closest(name, known).map("; did you mean %s?"::formatted).orElse("");
  }

  /** Distance of optimal string alignment (Damerau and Levenshtein, no part edited twice). */
  static int edits(String first, String second) {
    String a = first.toLowerCase(Locale.ROOT);
    String b = second.toLowerCase(Locale.ROOT);
    int[][] distance = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          distance[i][j] = i + j;
          continue;
        }
        int changed = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int least =
            Math.min(
                distance[i - 1][j - 1] + changed,
                Math.min(distance[i - 1][j], distance[i][j - 1]) + 1);
        boolean exchanged =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        distance[i][j] = exchanged ? Math.min(least, distance[i - 2][j - 2] + 1) : least;
      }
    }
    return distance[a.length()][b.length()];
  }
}
