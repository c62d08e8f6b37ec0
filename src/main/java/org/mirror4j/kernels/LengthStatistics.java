package org.mirror4j.kernels;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.mirror4j.checkpoint.JsonFiles;

/**
 * How many items of a real corpus have views of how many tokens, and batches drawn from that: real
 * lengths, random ids.
 *
 * @param corpus name of the file that was counted
 * @param maxLength tokens of a view at most
 * @param items tokens of the first and the second view of each item
 */
public record LengthStatistics(String corpus, int maxLength, List<int[]> items) {
  /** Below these are BERT's special tokens. */
  private static final int FIRST_WORD = 1000;

  private static final int CLS = 101;
  private static final int SEP = 102;

  /** Reads a file of {@code bench/gpu/lengths}. */
  public static LengthStatistics read(Path file) {
    ObjectNode json = JsonFiles.readObject(file);
    List<int[]> items = new ArrayList<>();
    for (JsonNode row : json.path("firstSecondCount")) {
      for (int i = 0; i < row.path(2).asInt(); i++) {
        items.add(new int[] {row.path(0).asInt(), row.path(1).asInt()});
      }
    }
    if (items.isEmpty()) {
      throw new IllegalArgumentException(
          file + ": no items in firstSecondCount, expected [first, second, count] in each");
    }
    return new LengthStatistics(
        json.path("corpus").asText(), json.path("maxLength").asInt(), List.copyOf(items));
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
