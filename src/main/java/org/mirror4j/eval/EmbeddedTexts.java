package org.mirror4j.eval;

import static org.mirror4j.file.FileException.clean;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** Texts and their vectors; a text that occurs often is embedded once. */
final class EmbeddedTexts {
  private final Map<String, float[]> vectors;

  private EmbeddedTexts(Map<String, float[]> vectors) {
    this.vectors = vectors;
  }

  /**
   * Embeds the distinct texts in the order of their first occurrence.
   *
   * @throws IllegalStateException if the encoder returns too few or too many vectors, vectors of
   *     different lengths, or a value that is not finite
   */
  static EmbeddedTexts embed(Encoder encoder, Collection<String> texts) {
    List<String> distinct = List.copyOf(new LinkedHashSet<>(texts));
    Map<String, float[]> vectors = HashMap.newHashMap(distinct.size());
    if (distinct.isEmpty()) {
      return new EmbeddedTexts(vectors);
    }
    float[][] rows = encoder.encode(distinct);
    if (rows.length != distinct.size()) {
      throw new IllegalStateException(
          "encoder: %d vectors for %d texts".formatted(rows.length, distinct.size()));
    }
    for (int i = 0; i < rows.length; i++) {
      check(distinct.get(i), rows[i], rows[0].length);
      vectors.put(distinct.get(i), rows[i]);
    }
    return new EmbeddedTexts(vectors);
  }

  private static void check(String text, float[] vector, int length) {
    if (vector.length != length) {
      throw new IllegalStateException(
          "encoder: the vector of \"%s\" has %d values, that of the first text %d"
              .formatted(clean(text), vector.length, length));
    }
    for (float value : vector) {
      if (!Float.isFinite(value)) {
        throw new IllegalStateException(
            "encoder: the vector of \"%s\" holds %s, expected finite values"
                .formatted(clean(text), value));
      }
    }
  }

  /** The vector of one of the texts; not a copy. */
  float[] vector(String text) {
    float[] vector = vectors.get(text);
    if (vector == null) {
      throw new IllegalArgumentException("not among the embedded texts: " + clean(text));
    }
    return vector;
  }

  int size() {
    return vectors.size();
  }
}
