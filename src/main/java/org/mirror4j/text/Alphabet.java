package org.mirror4j.text;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The characters that a vocabulary spells words with: the most frequent ones of a text, among
 * equals those with the lower code point. A word with any other can only be [UNK].
 *
 * @param characters in the order of their code points
 */
public record Alphabet(Set<Integer> characters) {
  /**
   * As many characters as it takes to leave out no more than a share of the text's, but no more
   * than the pieces allow that they become: one where a word begins with it, another where it goes
   * on.
   *
   * @param counts of the words of the text
   * @param least characters that are taken in any case, where there are so many
   * @param leftOut the share
   * @param mostPieces of them and of their continuations together
   */
  public static Alphabet covering(WordCounts counts, int least, double leftOut, int mostPieces) {
    Map<Integer, Long> frequencies = frequencies(counts);
    Set<Integer> continuing = new HashSet<>();
    counts.forEach((word, count) -> word.codePoints().skip(1).forEach(continuing::add));
    long all = frequencies.values().stream().mapToLong(count -> count).sum();
    long covered = 0;
    int pieces = 0;
    Set<Integer> characters = new TreeSet<>();
    for (int character : byFrequency(frequencies)) {
      pieces += continuing.contains(character) ? 2 : 1;
      boolean enough = all - covered <= leftOut * all || pieces > mostPieces;
      if (enough && characters.size() >= least) {
        break;
      }
      characters.add(character);
      covered += frequencies.get(character);
    }
    return new Alphabet(characters);
  }

  /** Whether a word has none but these characters. */
  public boolean spells(String word) {
    return word.codePoints().allMatch(characters::contains);
  }

  /** Share of the words of a text, each as often as it occurs, that it cannot spell. */
  public double unspelt(WordCounts counts) {
    long[] words = new long[2];
    counts.forEach((word, count) -> words[spells(word) ? 0 : 1] += count);
    return words[1] / Math.max(1.0, words[0] + words[1]);
  }

  private static Map<Integer, Long> frequencies(WordCounts counts) {
    Map<Integer, Long> frequencies = new TreeMap<>();
    counts.forEach(
        (word, count) ->
            word.codePoints().forEach(point -> frequencies.merge(point, count, Long::sum)));
    return frequencies;
  }

  private static List<Integer> byFrequency(Map<Integer, Long> frequencies) {
    Comparator<Map.Entry<Integer, Long>> rarestLast =
        Map.Entry.<Integer, Long>comparingByValue().reversed();
    return frequencies.entrySet().stream()
        .sorted(rarestLast.thenComparing(Map.Entry.comparingByKey()))
        .map(Map.Entry::getKey)
        .toList();
  }
}
