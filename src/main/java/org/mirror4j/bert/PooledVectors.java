package org.mirror4j.bert;

import java.nio.IntBuffer;
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
        .filter(
            i -> {
              IntBuffer text = IntBuffer.wrap(texts[i]);
              return !vectors.containsKey(text) && seen.add(text);
            })
        .toArray();
  }

  /**
   * Keeps vectors.
   *
   * @param texts tokens of each
   * @param members places of the texts that the vectors are of
   * @param values f32[members, width], one after the other
   */
  void put(int[][] texts, int[] members, float[] values) {
    int width = values.length / Math.max(1, members.length);
    for (int i = 0; i < members.length; i++) {
      float[] vector = Arrays.copyOfRange(values, i * width, (i + 1) * width);
      vectors.put(IntBuffer.wrap(texts[members[i]]), vector);
    }
  }

  /**
   * Vectors that are there, one after the other.
   *
   * @param texts tokens of each
   * @param members places of the texts that are wanted, at least one
   * @return f32[members, width]
   */
  float[] get(int[][] texts, int[] members) {
    int width = vectors.get(IntBuffer.wrap(texts[members[0]])).length;
    float[] values = new float[members.length * width];
    for (int i = 0; i < members.length; i++) {
      float[] vector = vectors.get(IntBuffer.wrap(texts[members[i]]));
      System.arraycopy(vector, 0, values, i * width, width);
    }
    return values;
  }

  /** Number of texts. */
  int size() {
    return vectors.size();
  }
}
