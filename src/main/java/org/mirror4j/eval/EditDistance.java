package org.mirror4j.eval;

import java.util.List;
import java.util.Locale;

/**
 * How many words one has to insert, delete or replace to make one text of another (Levenshtein
 * 1966), the words being what stands between blanks, in lower case. Not divided by a length.
 *
 * <pre>
 *   d(i, j) = min(d(i-1, j) + 1, d(i, j-1) + 1, d(i-1, j-1) + [a_i != b_j]),   d(i, 0) = i,  d(0, j) = j
 * </pre>
 *
 * d(i, j) is the distance of the first i words of a and the first j of b.
 */
final class EditDistance {
  private EditDistance() {}

  /** The distance of two texts. */
  static int of(String a, String b) {
    return between(words(a), words(b));
  }

  private static List<String> words(String text) {
    String stripped = text.strip();
    return stripped.isEmpty()
        ? List.of()
        : List.of(stripped.toLowerCase(Locale.ROOT).split("\\s+"));
  }

  private static int between(List<String> a, List<String> b) {
    int[] above = new int[b.size() + 1];
    int[] row = new int[b.size() + 1];
    for (int j = 0; j < above.length; j++) {
      above[j] = j;
    }
    for (int i = 1; i <= a.size(); i++) {
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = above[j - 1] + (a.get(i - 1).equals(b.get(j - 1)) ? 0 : 1);
        row[j] = Math.min(replaced, Math.min(above[j], row[j - 1]) + 1);
      }
      int[] next = above;
      above = row;
      row = next;
    }
    return above[b.size()];
  }
}
