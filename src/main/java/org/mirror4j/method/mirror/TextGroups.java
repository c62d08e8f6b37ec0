package org.mirror4j.method.mirror;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.mirror4j.text.TextPair;
import org.mirror4j.train.Permutation;

/**
 * Which items of a batch must not be negatives of each other: those that share a text, directly or
 * through other items of the batch. See {@code Kernels.contrastiveLoss}.
 */
public final class TextGroups {
  private TextGroups() {}

  /** A group number for each of the 2N views: first views of all items, then second views. */
  static int[] of(List<TextPair> pairs) {
    int items = pairs.size();
    int[] parent = Permutation.inOrder(items);
    Map<String, Integer> firstWith = new HashMap<>();
    for (int item = 0; item < items; item++) {
      join(parent, item, firstWith.putIfAbsent(pairs.get(item).left(), item));
      join(parent, item, firstWith.putIfAbsent(pairs.get(item).right(), item));
    }
    int[] groups = new int[2 * items];
    for (int item = 0; item < items; item++) {
      groups[item] = root(parent, item);
      groups[items + item] = groups[item];
    }
    return groups;
  }

  /** Every item is a group of its own: the loss of the paper. */
  public static int[] distinct(int items) {
    int[] groups = new int[2 * items];
    for (int view = 0; view < 2 * items; view++) {
      groups[view] = view % items;
    }
    return groups;
  }

  /** Whether no view is a negative of another. */
  static boolean isOne(int[] groups) {
    for (int group : groups) {
      if (group != groups[0]) {
        return false;
      }
    }
    return true;
  }

  private static void join(int[] parent, int item, Integer other) {
    if (other != null) {
      parent[root(parent, item)] = root(parent, other);
    }
  }

  private static int root(int[] parent, int item) {
    int root = item;
    while (parent[root] != root) {
      parent[root] = parent[parent[root]];
      root = parent[root];
    }
    return root;
  }
}
