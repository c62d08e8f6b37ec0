package org.mirror4j.task.coreference;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A baseline that knows no more of coreference than words: mentions of the same words, lower-cased,
 * are a chain. The mentions are given, so it says what finding chains is worth, not what finding
 * mentions is.
 */
public final class StringMatch {
  private StringMatch() {}

  /** The document with these chains, numbered from 0 in the order of the text. */
  public static CoreferenceDocument link(CoreferenceDocument document) {
    List<String> words = document.words();
    Map<String, Set<Mention>> mentions = new LinkedHashMap<>();
    document.chains().stream()
        .flatMap(chain -> chain.mentions().stream())
        .sorted(Mention.TEXT_ORDER)
        .forEach(
            mention ->
                mentions
                    .computeIfAbsent(text(words, mention), key -> new LinkedHashSet<>())
                    .add(mention));
    List<Chain> chains = new ArrayList<>();
    for (Set<Mention> alike : mentions.values()) {
      if (alike.size() > 1) {
        chains.add(new Chain(chains.size(), List.copyOf(alike)));
      }
    }
    return document.withChains(chains);
  }

  private static String text(List<String> words, Mention mention) {
    return String.join(" ", words.subList(mention.first(), mention.last() + 1))
        .toLowerCase(Locale.ROOT);
  }
}
