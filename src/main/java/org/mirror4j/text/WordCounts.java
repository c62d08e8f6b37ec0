package org.mirror4j.text;

import java.util.HashMap;
import java.util.Map;
import java.util.function.ObjLongConsumer;

/** How often each word of a text occurs, words being those of {@link BertPreTokenizer}. */
public final class WordCounts {
  private final BertPreTokenizer preTokenizer;
  private final Map<String, Count> counts = new HashMap<>();
  private long characters;

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

  /** Adds {@code times} occurrences of a word as it is. */
  public void add(String word, long times) {
    counts.computeIfAbsent(
                word,
                key -> {
                  characters += key.length();
                  return new Count();
                })
            .value +=
        times;
  }

  /** Number of different words. */
  public int distinct() {
    return counts.size();
  }

  /** Characters of the different words. */
  long characters() {
    return characters;
  }

  /** Passes each word with its count, in no order. */
  void forEach(ObjLongConsumer<String> consumer) {
    counts.forEach((word, count) -> consumer.accept(word, count.value));
  }

  /** Forgets all words. */
  void clear() {
    counts.clear();
    characters = 0;
  }
}
