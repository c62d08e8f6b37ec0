package org.mirror4j.eval;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import org.mirror4j.device.Device;
import org.mirror4j.search.Neighbours;
import org.mirror4j.search.Similarity;
import org.mirror4j.search.TopK;
import org.mirror4j.search.Vectors;

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
   * @param device searches
   * @return one entry per distinct query, in order
   * @throws IllegalArgumentException if k is below 1 or the list is empty
   * @throws IllegalStateException if the encoder's vectors cannot be used
   */
  public static SequencedMap<String, List<Neighbour>> find(
      Device device,
      MeasuredEncoder encoder,
      Collection<String> queries,
      Collection<String> list,
      int k) {
    if (k < 1) {
      throw new IllegalArgumentException("nearest neighbours: k is %d, expected > 0".formatted(k));
    }
    if (list.isEmpty()) {
      throw new IllegalArgumentException("nearest neighbours: the list of texts is empty");
    }
    List<String> candidates = List.copyOf(new LinkedHashSet<>(list));
    List<String> asked = List.copyOf(new LinkedHashSet<>(queries));
    List<String> texts = new ArrayList<>(candidates);
    texts.addAll(asked);
    SequencedMap<String, List<Neighbour>> found = new LinkedHashMap<>();
    try (EmbeddedTexts embedded = EmbeddedTexts.embed(encoder, texts);
        Vectors vectors = embedded.vectors().select(embedded.rows(asked))) {
      // The candidates come first. A query may be one of them, and is then passed over.
      Neighbours nearest =
          new TopK(device, embedded.vectors().slice(0, candidates.size()), Similarity.COSINE)
              .search(vectors, k == Integer.MAX_VALUE ? k : k + 1);
      for (int query = 0; query < asked.size(); query++) {
        found.put(asked.get(query), neighbours(candidates, asked.get(query), nearest, query, k));
      }
    }
    return found;
  }

  private static List<Neighbour> neighbours(
      List<String> candidates, String text, Neighbours nearest, int query, int k) {
    List<Neighbour> neighbours = new ArrayList<>();
    for (int rank = 0; rank < nearest.count() && neighbours.size() < k; rank++) {
      String candidate = candidates.get(nearest.row(query, rank));
      if (!candidate.equals(text)) {
        neighbours.add(new Neighbour(candidate, nearest.score(query, rank)));
      }
    }
    return List.copyOf(neighbours);
  }
}
