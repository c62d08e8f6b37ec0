package org.mirror4j.text;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ObjLongConsumer;

/** How often each word of a text occurs, words being those of {@link BertPreTokenizer}. */
public final class WordCounts {
  private final BertPreTokenizer preTokenizer;
  private final Map<String, Count> counts = new HashMap<>();

  /** A count that is added to in place. */
  private static final class Count {
    long value;
  }

  /** Empty counts. */
  public WordCounts(boolean lowerCase) {
    preTokenizer = new BertPreTokenizer(lowerCase);
  }

  /** Adds the words of a text. */
  public void add(String text) {
    preTokenizer.split(text, word -> add(word, 1));
  }

  /** Adds all lines that are left in a reader. */
  public void addAll(LineReader lines) {
    for (String line = lines.next(); line != null; line = lines.next()) {
      add(line);
    }
  }

  /** Adds {@code times} occurrences of a word as it is. */
  public void add(String word, long times) {
    counts.computeIfAbsent(word, key -> new Count()).value += times;
  }

  /** Occurrences of a word. */
  public long count(String word) {
    Count count = counts.get(word);
    return count == null ? 0 : count.value;
  }

  /** Number of different words. */
  public int distinct() {
    return counts.size();
  }

  /** Passes each word with its count, in no order. */
  void forEach(ObjLongConsumer<String> consumer) {
    counts.forEach((word, count) -> consumer.accept(word, count.value));
  }

  /**
   * The most frequent words of letters only and at least two characters, most frequent first, words
   * of the same count in the order of their code units.
   *
   * @param limit most words returned
   */
  public List<String> mostFrequentWords(int limit) {
    Comparator<Map.Entry<String, Count>> byCount =
        Comparator.comparingLong(entry -> -entry.getValue().value);
    return counts.entrySet().stream()
        .filter(entry -> isWord(entry.getKey()))
        .sorted(byCount.thenComparing(Map.Entry::getKey))
        .limit(limit)
        .map(Map.Entry::getKey)
        .toList();
  }

  private static boolean isWord(String word) {
    return word.codePointCount(0, word.length()) >= 2
        && word.codePoints().allMatch(Character::isLetter);
  }
}
