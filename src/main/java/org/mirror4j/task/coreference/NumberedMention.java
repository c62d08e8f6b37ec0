package org.mirror4j.task.coreference;

import java.util.Comparator;
import java.util.List;

/**
 * A mention with its chain.
 *
 * @param chain its number
 */
record NumberedMention(int chain, Mention mention) {
  /** Those of all chains: what begins first first, and of what begins together the longest. */
  static List<NumberedMention> inTextOrder(List<Chain> chains) {
    return chains.stream()
        .flatMap(
            chain ->
                chain.mentions().stream()
                    .map(mention -> new NumberedMention(chain.number(), mention)))
        .sorted(Comparator.comparing(NumberedMention::mention, Mention.TEXT_ORDER))
        .toList();
  }
}
