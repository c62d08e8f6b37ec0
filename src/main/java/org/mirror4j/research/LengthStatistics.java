package org.mirror4j.research;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.method.mirror.Recipe;
import org.mirror4j.text.Corpus;
import org.mirror4j.text.TextPair;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.text.mask.TextSpanMask;

/**
 * How many tokens the two views of each item of a corpus have, and batches drawn from that: real
 * lengths, random ids. Views are the texts alone, as in the paper: the words of a template are not
 * counted.
 *
 * @param corpus name of the file that was counted
 * @param recipe whose views they are
 * @param maxLength tokens of a view at most
 * @param items tokens of the first and the second view of each item
 */
public record LengthStatistics(String corpus, String recipe, int maxLength, List<int[]> items) {
  private static final String COUNTS = "firstSecondCount";

  /** Below these are BERT's special tokens. */
  private static final int FIRST_WORD = 1000;

  private static final int CLS = 101;
  private static final int SEP = 102;

  /** {@code CLS} and {@code SEP}. */
  private static final int LEAST_LENGTH = 2;

  /** As many as the largest corpora have lines; a list of them takes some ten bytes for each. */
  private static final int MOST_ITEMS = 10_000_000;

  /**
   * Counts a corpus, one item a line.
   *
   * @param recipe masks the views and cuts them
   */
  public static LengthStatistics count(Path corpus, Tokenizer tokenizer, Recipe recipe) {
    MirrorSettings settings = recipe.settings();
    TextSpanMask mask =
        new TextSpanMask(settings.spanUnit(), settings.randomSpanMask(), tokenizer.maskToken());
    List<int[]> items = new ArrayList<>();
    try (Corpus pairs = Corpus.read(corpus, Corpus.Options.DEFAULT)) {
      for (int item = 0; item < pairs.size(); item++) {
        TextPair views = mask.apply(pairs.pair(item), settings.seed(), 0, item);
        items.add(
            new int[] {
              tokenizer.encode(views.left(), settings.maxLength()).length,
              tokenizer.encode(views.right(), settings.maxLength()).length
            });
      }
    }
    return new LengthStatistics(
        corpus.getFileName().toString(),
        recipe.label(),
        settings.maxLength(),
        Collections.unmodifiableList(items));
  }

  /**
   * What was counted in the corpora of {@code bench/gpu/lengths}, which is part of the program.
   *
   * @throws IllegalArgumentException if nothing was counted for that recipe
   */
  public static LengthStatistics bundled(Recipe recipe) {
    String file = "/org/mirror4j/lengths/" + recipe.label() + ".json";
    try (InputStream in = LengthStatistics.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalArgumentException(
            "lengths were counted for word and sentence, not for '%s': a corpus is needed"
                .formatted(recipe.label()));
      }
      return of(JsonFiles.parseObject(in.readAllBytes(), file), file);
    } catch (IOException e) {
      throw FileException.of("cannot read " + file, e);
    }
  }

  /**
   * Reads a file of {@code bench/gpu/lengths}.
   *
   * @throws FileException names the file and the row that is not as it must be
   */
  public static LengthStatistics read(Path file) {
    return of(JsonFiles.readObject(file), file.toString());
  }

  private static LengthStatistics of(ObjectNode json, String file) {
    int maxLength = whole(json.path("maxLength"));
    if (maxLength < LEAST_LENGTH) {
      throw new FileException(
          "%s: maxLength is %s, expected a whole number from %d on"
              .formatted(file, shown(json.path("maxLength")), LEAST_LENGTH));
    }
    JsonNode rows = json.path(COUNTS);
    if (!rows.isArray() || rows.isEmpty()) {
      throw new FileException(
          "%s: %s is %s, expected rows [first, second, count]"
              .formatted(file, COUNTS, shown(rows)));
    }
    List<int[]> items = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      addRow(items, rows.get(i), maxLength, "%s: %s[%d]".formatted(file, COUNTS, i));
    }
    return new LengthStatistics(
        json.path("corpus").asText(),
        json.path("recipe").asText(),
        maxLength,
        Collections.unmodifiableList(items));
  }

  private static void addRow(List<int[]> items, JsonNode row, int maxLength, String where) {
    int first = whole(row.path(0));
    int second = whole(row.path(1));
    int count = whole(row.path(2));
    boolean fits = Math.min(first, second) >= LEAST_LENGTH && Math.max(first, second) <= maxLength;
    if (row.size() != 3 || !fits || count < 1) {
      throw new FileException(
          "%s is %s, expected [first, second, count]: lengths from %d to %d, a count from 1 on"
              .formatted(where, shown(row), LEAST_LENGTH, maxLength));
    }
    if (count > MOST_ITEMS - items.size()) {
      throw new FileException(
          "%s is %s, more than %d items with those before, expected at most as many"
              .formatted(where, shown(row), MOST_ITEMS));
    }
    items.addAll(Collections.nCopies(count, new int[] {first, second}));
  }

  /** A whole number, or one that no row may have. */
  private static int whole(JsonNode node) {
    return node.isInt() ? node.intValue() : -1;
  }

  private static String shown(JsonNode node) {
    return node.isMissingNode() ? "missing" : FileException.clean(node.toString());
  }

  /** What {@link #read} reads. */
  public ObjectNode json() {
    Map<int[], Integer> counts = new TreeMap<>(Arrays::compare);
    for (int[] item : items) {
      counts.merge(item, 1, Integer::sum);
    }
    ObjectNode json = JsonFiles.object();
    json.put("corpus", corpus).put("recipe", recipe).put("maxLength", maxLength);
    ArrayNode rows = json.putArray(COUNTS);
    counts.forEach((item, count) -> rows.addArray().add(item[0]).add(item[1]).add(count));
    return json;
  }

  /** Mean of the tokens of a batch. */
  double tokens(int batchSize) {
    long tokens = items.stream().mapToLong(item -> item[0] + item[1]).sum();
    return (double) tokens * batchSize / items.size();
  }

  /**
   * Batches in a drawn order, without an item twice and without those that do not fill a batch: an
   * epoch, or its beginning.
   *
   * @param batchSize items of a batch
   * @param most batches at most
   * @param vocabulary ids are below
   * @return token ids by batch and view: first views, then second views
   */
  public List<int[][]> batches(int batchSize, int most, int vocabulary, long seed) {
    Random random = new Random(seed);
    List<int[]> order = new ArrayList<>(items);
    Collections.shuffle(order, random);
    List<int[][]> batches = new ArrayList<>();
    for (int from = 0; from + batchSize <= order.size() && batches.size() < most; ) {
      int[][] views = new int[2 * batchSize][];
      for (int item = 0; item < batchSize; item++, from++) {
        int[] lengths = order.get(from);
        int[] ids = random.ints(Math.max(lengths[0], lengths[1]), FIRST_WORD, vocabulary).toArray();
        views[item] = view(ids, lengths[0]);
        views[batchSize + item] = view(ids, lengths[1]);
      }
      batches.add(views);
    }
    return batches;
  }

  private static int[] view(int[] ids, int length) {
    int[] view = Arrays.copyOf(ids, length);
    view[0] = CLS;
    view[length - 1] = SEP;
    return view;
  }
}
