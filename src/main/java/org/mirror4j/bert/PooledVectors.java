package org.mirror4j.bert;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Pooled vectors of texts, before anything maps them, kept in memory: a text that comes again, with
 * whatever map behind the pooling, is not computed again. They are those of one model, one pooling,
 * one maximum length and one precision, which is the caller's to see to.
 */
public final class PooledVectors {
  private final Map<Tokens, float[]> vectors = new HashMap<>();

  private record Tokens(int[] ids) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Tokens tokens && Arrays.equals(ids, tokens.ids);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(ids);
    }
  }

  /**
   * Places of the texts whose vectors are not there; of equal ones the first alone.
   *
   * @param texts tokens of each
   */
  int[] missing(int[][] texts) {
    Set<Tokens> seen = new HashSet<>();
    return IntStream.range(0, texts.length)
        .filter(
            i -> {
              Tokens tokens = new Tokens(texts[i]);
              return !vectors.containsKey(tokens) && seen.add(tokens);
            })
        .toArray();
  }

  /**
   * The vector of a text that is there, not to be changed.
   *
   * @param ids its tokens
   */
  float[] get(int[] ids) {
    return vectors.get(new Tokens(ids));
  }

  /** Keeps the vector of a text. */
  void put(int[] ids, float[] vector) {
    vectors.put(new Tokens(ids), vector);
  }

  /** Number of texts. */
  public int size() {
    return vectors.size();
  }
}
