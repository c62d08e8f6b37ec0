package org.mirror4j.bert;

import java.nio.IntBuffer;
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
  /** By the token ids: buffers are equal where their contents are. */
  private final Map<IntBuffer, float[]> vectors = new HashMap<>();

  /**
   * Places of the texts whose vectors are not there; of equal ones the first alone.
   *
   * @param texts tokens of each
   */
  int[] missing(int[][] texts) {
    Set<IntBuffer> seen = new HashSet<>();
    return IntStream.range(0, texts.length)
        .filter(i -> get(texts[i]) == null && seen.add(IntBuffer.wrap(texts[i])))
        .toArray();
  }

  /**
   * The vector of a text, not to be changed; null where it is not there.
   *
   * @param ids its tokens
   */
  float[] get(int[] ids) {
    return vectors.get(IntBuffer.wrap(ids));
  }

  /** Keeps the vector of a text. */
  void put(int[] ids, float[] vector) {
    vectors.put(IntBuffer.wrap(ids), vector);
  }

  /** Number of texts. */
  int size() {
    return vectors.size();
  }
}
