package org.mirror4j.task.coreference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a span-ranking model decides: for each of some spans one before it that speaks of the same
 * thing, or none.
 */
public final class Antecedents {
  /** Stands for a span that speaks of something new, or is no mention. */
  public static final int NONE = -1;

  private Antecedents() {}

  /**
   * The chains that follow: each span with its antecedent, that one's antecedent and so on,
   * numbered from 0 in the order of their first spans. Spans alone are no chain.
   *
   * @param spans as mentions of words, in the order of the text
   * @param antecedents [spans], which span before, or {@value #NONE}
   * @throws IllegalArgumentException if an antecedent is not before its span
   */
  public static List<Chain> chains(List<Mention> spans, int[] antecedents) {
    if (antecedents.length != spans.size()) {
      throw new IllegalArgumentException(
          "%d antecedents, expected one for each of %d spans"
              .formatted(antecedents.length, spans.size()));
    }
    int[] first = new int[antecedents.length];
    int[] lengths = new int[antecedents.length];
    for (int span = 0; span < first.length; span++) {
      int antecedent = antecedents[span];
      if (antecedent < NONE || antecedent >= span) {
        throw new IllegalArgumentException(
            "the antecedent of span %d is %d, expected one before it or %d"
                .formatted(span, antecedent, NONE));
      }
      first[span] = antecedent == NONE ? span : first[antecedent];
      lengths[first[span]]++;
    }
    Map<Integer, List<Mention>> chains = new LinkedHashMap<>();
    for (int span = 0; span < first.length; span++) {
      if (lengths[first[span]] > 1) {
        chains.computeIfAbsent(first[span], key -> new ArrayList<>()).add(spans.get(span));
      }
    }
    List<Chain> numbered = new ArrayList<>();
    chains.values().forEach(mentions -> numbered.add(new Chain(numbered.size(), mentions)));
    return numbered;
  }

  /**
   * Spans of rows as mentions of words.
   *
   * @param starts [spans], row of the first piece of each
   * @param ends [spans], row of its last piece
   */
  public static List<Mention> mentions(DocumentPieces pieces, int[] starts, int[] ends) {
    Mention[] mentions = new Mention[starts.length];
    Arrays.setAll(
        mentions,
        span -> new Mention(pieces.wordOfRow()[starts[span]], pieces.wordOfRow()[ends[span]]));
    return List.of(mentions);
  }
}
