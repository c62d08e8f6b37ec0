package org.mirror4j.text;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The most frequent words of a text, counted exactly in memory that does not grow with it. Words
 * are those of {@link WordCounts}; when so many different ones are in memory, they are written with
 * their counts, in the order of their code units, to a file without a name, and the count begins
 * anew. At the end all such runs are merged: what one word has in each stands side by side.
 */
public final class FrequentWords implements AutoCloseable {
  /** Different words in memory: some 60 MiB. */
  private static final int IN_MEMORY = 1 << 19;

  /** Characters of these, of which words of a language have far fewer. */
  private static final long CHARACTERS_IN_MEMORY = 1L << 24;

  private static final Comparator<Counted> MOST_FIRST =
      Comparator.comparingLong((Counted word) -> -word.count).thenComparing(Counted::word);

  private final WordCounts counts;
  private final int inMemory;
  private final SortedRuns<Counted> runs =
      new SortedRuns<>(Comparator.comparing(Counted::word), Counted.FORM);

  /** A word and how often it occurs. */
  private record Counted(String word, long count) {
    /** The count, then the word's code units. */
    static final SortedRuns.Form<Counted> FORM =
        new SortedRuns.Form<>() {
          @Override
          public ByteBuffer write(Counted counted) {
            String word = counted.word;
            ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + word.length() * Character.BYTES);
            bytes.putLong(counted.count).asCharBuffer().put(word);
            return bytes.rewind();
          }

          @Override
          public Counted read(ByteBuffer bytes) {
            long count = bytes.getLong();
            return new Counted(bytes.asCharBuffer().toString(), count);
          }
        };

    Counted plus(Counted same) {
      return new Counted(word, count + same.count);
    }

    /** Letters only and at least two characters. */
    boolean isOfLetters() {
      return word.codePointCount(0, word.length()) >= 2
          && word.codePoints().allMatch(Character::isLetter);
    }
  }

  /**
   * What was found.
   *
   * @param words most frequent first, words of the same count in the order of their code units
   * @param distinct different words of the text, of whatever characters
   */
  public record Found(List<String> words, long distinct) {}

  /**
   * Empty counts.
   *
   * @param lowerCase whether words lose their case, and with it their accents
   */
  public FrequentWords(boolean lowerCase) {
    this(lowerCase, IN_MEMORY);
  }

  /**
   * Empty counts.
   *
   * @param inMemory different words that are counted in memory, those of one more text aside
   */
  FrequentWords(boolean lowerCase, int inMemory) {
    counts = new WordCounts(lowerCase);
    this.inMemory = inMemory;
  }

  /** Adds the words of a text. */
  public void add(String text) {
    counts.add(text);
    if (counts.distinct() >= inMemory || counts.characters() >= CHARACTERS_IN_MEMORY) {
      writeRun();
    }
  }

  /** Adds all lines that are left in a reader. */
  public void addAll(LineReader lines) {
    for (String line = lines.next(); line != null; line = lines.next()) {
      add(line);
    }
  }

  private void writeRun() {
    List<Counted> words = new ArrayList<>(counts.distinct());
    counts.forEach((word, count) -> words.add(new Counted(word, count)));
    words.sort(Comparator.comparing(Counted::word));
    runs.write(words);
    counts.clear();
  }

  /**
   * The most frequent words of letters only and at least two characters; nothing can be added
   * afterwards.
   *
   * @param limit most words returned
   */
  public Found mostFrequent(int limit) {
    // The one that is the first to go is at the head.
    PriorityQueue<Counted> most = new PriorityQueue<>(MOST_FIRST.reversed());
    AtomicLong distinct = new AtomicLong();
    Consumer<Counted> keep =
        word -> {
          distinct.incrementAndGet();
          if (word.isOfLetters()) {
            most.add(word);
            if (most.size() > limit) {
              most.poll();
            }
          }
        };
    if (runs.isEmpty()) {
      counts.forEach((word, count) -> keep.accept(new Counted(word, count)));
    } else {
      writeRun();
      runs.merge(Counted::plus, keep);
    }
    return new Found(most.stream().sorted(MOST_FIRST).map(Counted::word).toList(), distinct.get());
  }

  @Override
  public void close() {
    runs.close();
  }
}
