package org.mirror4j.text;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The most frequent words of a text, counted exactly in memory that does not grow with it. Words
 * are those of {@link WordCounts}; when so many different ones are in memory, they are written with
 * their counts, in the order of their code units, to a file without a name, and the count begins
 * anew. At the end all such runs are merged: what one word has in each stands side by side.
 */
public final class FrequentWords implements AutoCloseable {
  /** Different words in memory: some 60 MiB. */
  private static final int IN_MEMORY = 1 << 19;

  /** Bytes of a run that are read at once. */
  private static final int READ_BYTES = 1 << 16;

  /** Bytes before the code units of a word: its count, and how many these are. */
  private static final int HEAD_BYTES = Long.BYTES + Integer.BYTES;

  private static final Comparator<Counted> MOST_FIRST =
      Comparator.comparingLong((Counted word) -> -word.count).thenComparing(Counted::word);

  private final WordCounts counts;
  private final int inMemory;
  private final List<Run> runs = new ArrayList<>();
  private Spool.Appended file;

  /** A word and how often it occurs. */
  private record Counted(String word, long count) {
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

  /** Empty counts. */
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
    if (counts.distinct() >= inMemory) {
      writeRun();
    }
  }

  /** Adds all lines that are left in a reader. */
  public void addAll(LineReader lines) {
    for (String line = lines.next(); line != null; line = lines.next()) {
      add(line);
    }
  }

  private List<Counted> sorted() {
    List<Counted> words = new ArrayList<>(counts.distinct());
    counts.forEach((word, count) -> words.add(new Counted(word, count)));
    words.sort(Comparator.comparing(Counted::word));
    return words;
  }

  private void writeRun() {
    if (file == null) {
      file = new Spool.Appended();
    }
    long start = file.bytes();
    for (Counted word : sorted()) {
      int units = word.word.length();
      ByteBuffer bytes = ByteBuffer.allocate(HEAD_BYTES + units * Character.BYTES);
      bytes.putLong(word.count).putInt(units).asCharBuffer().put(word.word);
      file.append(bytes.rewind());
    }
    runs.add(new Run(file, start, file.bytes()));
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
    long distinct = 0;
    if (runs.isEmpty()) {
      distinct = counts.distinct();
      counts.forEach((word, count) -> keep(most, new Counted(word, count), limit));
    } else {
      writeRun();
      PriorityQueue<Run> heads =
          new PriorityQueue<>(Comparator.comparing((Run run) -> run.first.word));
      runs.stream().filter(Run::next).forEach(heads::add);
      while (!heads.isEmpty()) {
        String word = heads.peek().first.word;
        long count = 0;
        while (!heads.isEmpty() && heads.peek().first.word.equals(word)) {
          Run run = heads.poll();
          count += run.first.count;
          if (run.next()) {
            heads.add(run);
          }
        }
        distinct++;
        keep(most, new Counted(word, count), limit);
      }
    }
    return new Found(most.stream().sorted(MOST_FIRST).map(Counted::word).toList(), distinct);
  }

  private static void keep(PriorityQueue<Counted> most, Counted word, int limit) {
    if (word.isOfLetters()) {
      most.add(word);
      if (most.size() > limit) {
        most.poll();
      }
    }
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
    }
  }

  /** Words in the file in ascending order, read from the first on. */
  private static final class Run {
    private final Spool.Appended file;
    private final long end;

    /** Of what is not in {@code read}. */
    private long position;

    private ByteBuffer read = ByteBuffer.allocate(0);

    /** The word that {@link #next} went to. */
    Counted first;

    Run(Spool.Appended file, long start, long end) {
      this.file = file;
      this.position = start;
      this.end = end;
    }

    /** Goes to the next word, unless there is none. */
    boolean next() {
      if (position == end && !read.hasRemaining()) {
        return false;
      }
      require(HEAD_BYTES);
      long count = read.getLong();
      char[] units = new char[read.getInt()];
      require(units.length * Character.BYTES);
      for (int i = 0; i < units.length; i++) {
        units[i] = read.getChar();
      }
      first = new Counted(new String(units), count);
      return true;
    }

    /** Reads on where fewer bytes are there. */
    private void require(int bytes) {
      if (read.remaining() < bytes) {
        position -= read.remaining();
        int more = (int) Math.min(Math.max(bytes, READ_BYTES), end - position);
        read = file.read(position, more);
        position += more;
      }
    }
  }
}
