package org.mirror4j.task.coreference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The chains of a key and a response as numbers of mentions, equal for equal words, as version 8.01
 * of the reference scorer has them:
 *
 * <ul>
 *   <li>a mention that the key has in two chains, or twice in one, stays in both places;
 *   <li>a mention of the key that the response has again is dropped there, but for the first in the
 *       order of {@link ChainColumn}; other mentions of the response stay as often as they are;
 *   <li>chains of one mention count as others do; mentions that only one side has (twinless ones)
 *       are neither taken away nor added to the other.
 * </ul>
 *
 * @param key [chains][mentions]
 * @param response [chains][mentions], no chain empty
 * @param mentions one more than the largest number
 * @param identified different mentions of both, of the key, of both, of the response
 * @param repeated mentions of the response that were dropped
 */
record NumberedChains(
    int[][] key, int[][] response, int mentions, Fractions identified, int repeated) {

  static NumberedChains of(List<Chain> key, List<Chain> response) {
    Map<Mention, Integer> numbers = new HashMap<>();
    int[][] keyChains = new int[key.size()][];
    for (int chain = 0; chain < keyChains.length; chain++) {
      keyChains[chain] =
          key.get(chain).mentions().stream()
              .mapToInt(mention -> number(numbers, mention))
              .toArray();
    }
    int ofKey = numbers.size();
    Set<Mention> seen = new HashSet<>();
    int repeated = 0;
    int twins = 0;
    List<int[]> responseChains = new ArrayList<>();
    for (Chain chain : response) {
      int[] numbered = new int[chain.mentions().size()];
      int length = 0;
      for (Mention mention : chain.mentions()) {
        int number = number(numbers, mention);
        boolean first = seen.add(mention);
        if (number < ofKey && !first) {
          repeated++;
          continue;
        }
        twins += number < ofKey ? 1 : 0;
        numbered[length++] = number;
      }
      if (length > 0) {
        responseChains.add(Arrays.copyOf(numbered, length));
      }
    }
    return new NumberedChains(
        keyChains,
        responseChains.toArray(int[][]::new),
        numbers.size(),
        new Fractions(twins, ofKey, twins, seen.size()),
        repeated);
  }

  private static int number(Map<Mention, Integer> numbers, Mention mention) {
    return numbers.computeIfAbsent(mention, key -> numbers.size());
  }

  /** The last chain that each mention is in, -1 where it is in none. */
  int[] chainOf(int[][] chains) {
    int[] chainOf = new int[mentions];
    Arrays.fill(chainOf, -1);
    for (int chain = 0; chain < chains.length; chain++) {
      for (int mention : chains[chain]) {
        chainOf[mention] = chain;
      }
    }
    return chainOf;
  }

  /** Sum of the lengths of chains. */
  static int length(int[][] chains) {
    return Arrays.stream(chains).mapToInt(chain -> chain.length).sum();
  }
}
