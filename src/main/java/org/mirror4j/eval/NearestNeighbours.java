package org.mirror4j.eval;

import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import org.mirror4j.encode.Cosine;

/** Finds the texts of a list whose vectors are closest to a query's by cosine. */
public final class NearestNeighbours {
  /** A text of the list and its cosine to the query. */
  public record Neighbour(String text, double cosine) {}

  private NearestNeighbours() {}

  /**
   * The k nearest texts of each query, nearest first; equal cosines in the order of the list. The
   * query itself is never among them. Fewer than k where the list is shorter. Queries and list are
   * embedded in one go, each distinct text once.
   *
   * @return one entry per distinct query, in order
   * @throws IllegalArgumentException if k is below 1 or the list is empty
   * @throws IllegalStateException if the encoder's vectors cannot be used
   */
  public static SequencedMap<String, List<Neighbour>> find(
      Encoder encoder, Collection<String> queries, Collection<String> list, int k) {
    if (k < 1) {
      throw new IllegalArgumentException("nearest neighbours: k is %d, expected > 0".formatted(k));
    }
    if (list.isEmpty()) {
      throw new IllegalArgumentException("nearest neighbours: the list of texts is empty");
    }
    LinkedHashSet<String> candidates = new LinkedHashSet<>(list);
    LinkedHashSet<String> texts = new LinkedHashSet<>(candidates);
    texts.addAll(queries);
    EmbeddedTexts embedded = EmbeddedTexts.embed(encoder, texts);
    SequencedMap<String, List<Neighbour>> found = new LinkedHashMap<>();
    for (String query : queries) {
      found.computeIfAbsent(query, q -> nearest(embedded, q, candidates, k));
    }
    return found;
  }

  private static List<Neighbour> nearest(
      EmbeddedTexts embedded, String query, Collection<String> candidates, int k) {
    float[] vector = embedded.vector(query);
    return candidates.stream()
        .filter(text -> !text.equals(query))
        .map(text -> new Neighbour(text, Cosine.similarity(vector, embedded.vector(text))))
        .sorted(Comparator.comparingDouble(Neighbour::cosine).reversed())
        .limit(k)
        .toList();
  }
}
