package org.mirror4j.task.coreference;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** Metrics of the chains of one document that are one fraction each. */
final class ChainMetrics {
  private ChainMetrics() {}

  /**
   * MUC (Vilain et al. 1995): a chain of n mentions is n - 1 links, and what a chain of the
   * response and one of the key have in common, m mentions, is m - 1 links that are right. Chains
   * of one mention count for nothing.
   */
  static Fractions muc(NumberedChains chains) {
    int[] keyOf = chains.chainOf(chains.key());
    long right = 0;
    for (int[] response : chains.response()) {
      BitSet keys = new BitSet();
      for (int mention : response) {
        if (keyOf[mention] >= 0) {
          right += keys.get(keyOf[mention]) ? 1 : 0;
          keys.set(keyOf[mention]);
        }
      }
    }
    return new Fractions(right, links(chains.key()), right, links(chains.response()));
  }

  private static long links(int[][] chains) {
    return NumberedChains.length(chains) - (long) chains.length;
  }

  /**
   * B-cubed (Bagga and Baldwin 1998): of each mention of the response, the mentions that its two
   * chains have in common, over the length of the key's chain for recall and of the response's for
   * precision. Twinless mentions have none.
   */
  static Fractions bCubed(NumberedChains chains) {
    int[] keyOf = chains.chainOf(chains.key());
    BitSet[] members = new BitSet[chains.key().length];
    for (int key = 0; key < members.length; key++) {
      members[key] = new BitSet(chains.mentions());
      Arrays.stream(chains.key()[key]).forEach(members[key]::set);
    }
    double recalled = 0;
    double precise = 0;
    for (int[] response : chains.response()) {
      Map<Integer, Long> common = new HashMap<>();
      for (int mention : response) {
        if (keyOf[mention] >= 0) {
          long both =
              common.computeIfAbsent(
                  keyOf[mention], key -> Arrays.stream(response).filter(members[key]::get).count());
          recalled += (double) both / chains.key()[keyOf[mention]].length;
          precise += (double) both / response.length;
        }
      }
    }
    return new Fractions(
        recalled,
        NumberedChains.length(chains.key()),
        precise,
        NumberedChains.length(chains.response()));
  }

  /**
   * CEAF with {@code phi3 = |K and R|} (Luo 2005): mentions in common under the best alignment of
   * chains of the key with chains of the response, one to one.
   */
  static Fractions ceafMentions(NumberedChains chains) {
    double aligned = aligned(common(chains));
    return new Fractions(
        aligned,
        NumberedChains.length(chains.key()),
        aligned,
        NumberedChains.length(chains.response()));
  }

  /**
   * CEAF with {@code phi4 = 2 |K and R| / (|K| + |R|)} (Luo 2005), over the number of chains: every
   * chain weighs the same.
   */
  static Fractions ceafEntities(NumberedChains chains) {
    double[][] similarity = common(chains);
    for (int key = 0; key < similarity.length; key++) {
      for (int response = 0; response < similarity[key].length; response++) {
        similarity[key][response] *=
            2.0 / (chains.key()[key].length + chains.response()[response].length);
      }
    }
    double aligned = aligned(similarity);
    return new Fractions(aligned, chains.key().length, aligned, chains.response().length);
  }

  /** Mentions of each chain of the key that are in each of the response. */
  private static double[][] common(NumberedChains chains) {
    int[] responseOf = chains.chainOf(chains.response());
    double[][] common = new double[chains.key().length][chains.response().length];
    for (int key = 0; key < common.length; key++) {
      for (int mention : chains.key()[key]) {
        if (responseOf[mention] >= 0) {
          common[key][responseOf[mention]]++;
        }
      }
    }
    return common;
  }

  private static double aligned(double[][] similarity) {
    int[] responseOf = Assignment.of(similarity);
    double sum = 0;
    for (int key = 0; key < similarity.length; key++) {
      sum += responseOf[key] < 0 ? 0 : similarity[key][responseOf[key]];
    }
    return sum;
  }
}
