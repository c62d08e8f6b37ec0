package org.mirror4j.task.coreference;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * BLANC for mentions that a system found itself (Luo et al. 2014): pairs of mentions within a chain
 * are coreference links, pairs across chains are not, and the figures are the means of those of
 * both kinds.
 *
 * @param links within chains
 * @param others across chains
 */
record Blanc(Fractions links, Fractions others) {
  static final Blanc NONE = new Blanc(Fractions.NONE, Fractions.NONE);

  Blanc plus(Blanc other) {
    return new Blanc(links.plus(other.links), others.plus(other.others));
  }

  /** Of one document. */
  static Blanc of(NumberedChains chains) {
    Pairs key = new Pairs(chains.key(), chains.mentions());
    Pairs response = new Pairs(chains.response(), chains.mentions());
    Blanc blanc = NONE;
    for (int mention = 0; mention < chains.mentions(); mention++) {
      blanc =
          blanc.plus(
              new Blanc(
                  common(key.within(mention), response.within(mention)),
                  common(key.across(mention), response.across(mention))));
    }
    return blanc;
  }

  private static Fractions common(BitSet key, BitSet response) {
    int ofKey = key.cardinality();
    key.and(response);
    return new Fractions(key.cardinality(), ofKey, key.cardinality(), response.cardinality());
  }

  /**
   * The pairs of each mention with those of the same or a higher number, once each, however often
   * the chains have it. A mention that stands twice is paired with itself, as in the reference
   * scorer.
   */
  private static final class Pairs {
    private final int[][] chains;
    private final List<List<Integer>> chainsOf = new ArrayList<>();

    Pairs(int[][] chains, int mentions) {
      this.chains = chains;
      for (int mention = 0; mention < mentions; mention++) {
        chainsOf.add(new ArrayList<>());
      }
      for (int chain = 0; chain < chains.length; chain++) {
        for (int mention : chains[chain]) {
          chainsOf.get(mention).add(chain);
        }
      }
    }

    BitSet within(int mention) {
      BitSet pairs = new BitSet();
      List<Integer> own = chainsOf.get(mention);
      for (int i = 0; i < own.size(); i++) {
        set(pairs, own.get(i));
      }
      pairs.set(mention, own.stream().distinct().count() < own.size());
      pairs.clear(0, mention);
      return pairs;
    }

    BitSet across(int mention) {
      BitSet pairs = new BitSet();
      List<Integer> own = chainsOf.get(mention);
      for (int chain = 0; chain < chains.length && !own.isEmpty(); chain++) {
        // A mention of two chains is across from both.
        if (own.getFirst() != chain || own.getLast() != chain) {
          set(pairs, chain);
        }
      }
      pairs.clear(0, mention);
      return pairs;
    }

    private void set(BitSet pairs, int chain) {
      for (int mention : chains[chain]) {
        pairs.set(mention);
      }
    }
  }

  /**
   * The means; where the key has links of one kind only, the figures of that kind, and 0 where it
   * has none.
   */
  MetricFigures figures(String metric) {
    MetricFigures within = links.figures(metric);
    MetricFigures across = others.figures(metric);
    if (others.recallOf() == 0) {
      return links.recallOf() == 0 ? new MetricFigures(metric, 0, 0, 0) : within;
    }
    if (links.recallOf() == 0) {
      return across;
    }
    return new MetricFigures(
        metric,
        (within.precision() + across.precision()) / 2,
        (within.recall() + across.recall()) / 2,
        (within.f1() + across.f1()) / 2);
  }
}
