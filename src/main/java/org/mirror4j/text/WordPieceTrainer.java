package org.mirror4j.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Learns a WordPiece vocabulary, as HuggingFace's {@code WordPieceTrainer} does: byte pair encoding
 * (Sennrich et al. 2016) over characters, of which all but the first of a word carry {@code ##}.
 *
 * <p>The vocabulary starts with [PAD] [UNK] [CLS] [SEP] [MASK], then the alphabet by code point,
 * then its continuations by code point, then the merges in the order they were learned: always the
 * most frequent pair of neighbouring pieces, among equals the one whose ids are lowest. The result
 * depends on the counts alone. Differences from the library: words with a character outside the
 * limited alphabet are left out, since they can only be [UNK] (the library joins what stands around
 * the character), ties and continuations have a fixed order, and a pair that was merged counts from
 * zero if it arises again.
 */
public final class WordPieceTrainer {
  /** Ids 0 to 4. */
  public static final List<String> SPECIAL_TOKENS =
      List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");

  private static final String CONTINUATION = "##";
  private static final int PROGRESS_EVERY = 256;

  /** Told now and then how far training is. */
  @FunctionalInterface
  public interface Progress {
    /** Of {@code total} pieces {@code done} are there. */
    void update(int done, int total);
  }

  /** Two neighbouring pieces, how often they occur, and the words where they may. */
  private static final class Pair {
    final int left;
    final int right;
    long count;
    long queued;
    int[] words = new int[4];
    int wordCount;

    Pair(int left, int right) {
      this.left = left;
      this.right = right;
    }

    void addWord(int word) {
      if (wordCount > 0 && words[wordCount - 1] == word) {
        return;
      }
      if (wordCount == words.length) {
        words = Arrays.copyOf(words, 2 * wordCount);
      }
      words[wordCount++] = word;
    }
  }

  /** A pair with the count it had when it was queued, which is its count now or more. */
  private record Entry(Pair pair, long count) {}

  private static final Comparator<Entry> MOST_FREQUENT_FIRST =
      Comparator.comparingLong((Entry entry) -> -entry.count)
          .thenComparingInt(entry -> entry.pair.left)
          .thenComparingInt(entry -> entry.pair.right);

  private final List<String> vocabulary = new ArrayList<>(SPECIAL_TOKENS);
  private final Map<String, Integer> ids = new HashMap<>();
  private final Map<Long, Pair> pairs = new HashMap<>();
  private final PriorityQueue<Entry> queue = new PriorityQueue<>(MOST_FREQUENT_FIRST);
  private final List<Pair> grown = new ArrayList<>();
  private int[][] words;
  private long[] counts;

  private WordPieceTrainer() {
    vocabulary.forEach(token -> ids.put(token, ids.size()));
  }

  /** {@link #train(WordCounts, int, int, Alphabet, Progress)} without progress. */
  public static List<String> train(
      WordCounts counts, int vocabSize, int minFrequency, Alphabet alphabet) {
    return train(counts, vocabSize, minFrequency, alphabet, (done, total) -> {});
  }

  /**
   * Learns a vocabulary.
   *
   * @param vocabSize most pieces, special tokens included; fewer if no pair is frequent enough
   * @param minFrequency least count of a pair that is merged
   * @param alphabet characters that words are spelt with
   * @return the piece of each id
   * @throws IllegalArgumentException if the alphabet alone needs more than {@code vocabSize} pieces
   */
  public static List<String> train(
      WordCounts counts, int vocabSize, int minFrequency, Alphabet alphabet, Progress progress) {
    WordPieceTrainer trainer = new WordPieceTrainer();
    trainer.spell(counts, alphabet);
    if (trainer.vocabulary.size() > vocabSize) {
      throw new IllegalArgumentException(
          "--vocab-size is %d, expected at least %d, as many as special tokens and characters need"
              .formatted(vocabSize, trainer.vocabulary.size()));
    }
    trainer.countPairs();
    trainer.merge(vocabSize, Math.max(1, minFrequency), progress);
    return List.copyOf(trainer.vocabulary);
  }

  /** Words as ids of single characters, in the order of the words so that ids are repeatable. */
  private void spell(WordCounts wordCounts, Alphabet alphabet) {
    TreeMap<String, Long> spelt = new TreeMap<>();
    Set<Integer> continuations = new TreeSet<>();
    wordCounts.forEach(
        (word, count) -> {
          if (!word.isEmpty() && alphabet.spells(word)) {
            spelt.put(word, count);
            word.codePoints().skip(1).forEach(continuations::add);
          }
        });
    alphabet.characters().forEach(point -> piece(Character.toString(point)));
    continuations.forEach(point -> piece(CONTINUATION + Character.toString(point)));
    words = new int[spelt.size()][];
    counts = new long[words.length];
    int next = 0;
    for (Map.Entry<String, Long> entry : spelt.entrySet()) {
      int[] points = entry.getKey().codePoints().toArray();
      for (int i = 0; i < points.length; i++) {
        points[i] = ids.get((i == 0 ? "" : CONTINUATION) + Character.toString(points[i]));
      }
      words[next] = points;
      counts[next++] = entry.getValue();
    }
  }

  private int piece(String piece) {
    return ids.computeIfAbsent(
        piece,
        added -> {
          vocabulary.add(added);
          return vocabulary.size() - 1;
        });
  }

  private void countPairs() {
    for (int w = 0; w < words.length; w++) {
      for (int i = 0; i + 1 < words[w].length; i++) {
        change(words[w][i], words[w][i + 1], counts[w], w);
      }
    }
    queueGrown();
  }

  private void merge(int vocabSize, int minFrequency, Progress progress) {
    while (vocabulary.size() < vocabSize && !queue.isEmpty()) {
      Entry top = queue.poll();
      Pair pair = top.pair;
      if (top.count != pair.queued) {
        continue;
      }
      if (top.count > pair.count) {
        pair.queued = 0;
        enqueue(pair);
        continue;
      }
      if (top.count < minFrequency) {
        return;
      }
      String right = vocabulary.get(pair.right).substring(CONTINUATION.length());
      int merged = piece(vocabulary.get(pair.left) + right);
      apply(pair, merged);
      if (vocabulary.size() % PROGRESS_EVERY == 0) {
        progress.update(vocabulary.size(), vocabSize);
      }
    }
  }

  private void apply(Pair pair, int merged) {
    int[] where = Arrays.copyOf(pair.words, pair.wordCount);
    pair.wordCount = 0;
    pair.queued = 0;
    for (int w : where) {
      words[w] = mergeIn(words[w], pair.left, pair.right, merged, w);
    }
    queueGrown();
  }

  /** Merges from left to right; the counts of the pair and of its neighbours follow. */
  private int[] mergeIn(int[] word, int left, int right, int merged, int w) {
    int first = indexOf(word, left, right);
    if (first < 0) {
      return word;
    }
    long times = counts[w];
    int[] result = Arrays.copyOf(word, word.length - 1);
    int length = first;
    int next;
    for (int i = first; i < word.length; i = next) {
      next = i + 1;
      if (next == word.length || word[i] != left || word[next] != right) {
        result[length++] = word[i];
        continue;
      }
      next = i + 2;
      change(left, right, -times, w);
      if (length > 0) {
        change(result[length - 1], left, -times, w);
        change(result[length - 1], merged, times, w);
      }
      if (next < word.length) {
        change(right, word[next], -times, w);
        change(merged, word[next], times, w);
      }
      result[length++] = merged;
    }
    return Arrays.copyOf(result, length);
  }

  private static int indexOf(int[] word, int left, int right) {
    for (int i = 0; i + 1 < word.length; i++) {
      if (word[i] == left && word[i + 1] == right) {
        return i;
      }
    }
    return -1;
  }

  private void change(int left, int right, long by, int word) {
    Pair pair = pairs.computeIfAbsent((long) left << 32 | right, key -> new Pair(left, right));
    pair.count += by;
    if (by > 0) {
      pair.addWord(word);
      grown.add(pair);
    }
  }

  private void queueGrown() {
    grown.forEach(this::enqueue);
    grown.clear();
  }

  /** Each pair has at most one entry that counts, the one with its highest count since. */
  private void enqueue(Pair pair) {
    if (pair.count > pair.queued) {
      pair.queued = pair.count;
      queue.add(new Entry(pair, pair.count));
    }
  }
}
