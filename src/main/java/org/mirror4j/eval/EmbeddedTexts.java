package org.mirror4j.eval;

import static org.mirror4j.file.FileException.clean;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.mirror4j.search.Vectors;

/** Texts and their vectors; a text that occurs often is embedded once. */
public final class EmbeddedTexts implements AutoCloseable {
  private final Map<String, Integer> rows = new HashMap<>();
  private final List<String> texts;
  private Vectors vectors;
  private int filled;

  private EmbeddedTexts(List<String> texts) {
    this.texts = texts;
    for (String text : texts) {
      rows.put(text, rows.size());
    }
  }

  /**
   * Embeds the distinct texts in the order of their first occurrence.
   *
   * @throws IllegalStateException if the encoder gives too few or too many vectors, vectors of
   *     different lengths, or a value that is not finite
   */
  public static EmbeddedTexts embed(MeasuredEncoder encoder, Collection<String> texts) {
    EmbeddedTexts embedded = new EmbeddedTexts(List.copyOf(new LinkedHashSet<>(texts)));
    try {
      if (!embedded.texts.isEmpty()) {
        encoder.encode(embedded.texts, embedded::take);
      }
      if (embedded.filled != embedded.size()) {
        throw new IllegalStateException(
            "encoder: %d vectors for %d texts".formatted(embedded.filled, embedded.size()));
      }
      return embedded;
    } catch (RuntimeException | Error e) {
      embedded.close();
      throw e;
    }
  }

  private void take(float[] vector) {
    if (filled < size()) {
      if (filled == 0) {
        vectors = Vectors.allocate(size(), vector.length);
      }
      check(texts.get(filled), vector);
      vectors.set(filled, vector);
    }
    filled++;
  }

  private void check(String text, float[] vector) {
    if (vector.length != vectors.dimension()) {
      throw new IllegalStateException(
          "encoder: the vector of \"%s\" has %d values, that of the first text %d"
              .formatted(clean(text), vector.length, vectors.dimension()));
    }
    for (float value : vector) {
      if (!Float.isFinite(value)) {
        throw new IllegalStateException(
            "encoder: the vector of \"%s\" holds %s, expected finite values"
                .formatted(clean(text), value));
      }
    }
  }

  /** The vectors of all texts, in the order of these; there must be a text. */
  public Vectors vectors() {
    return vectors;
  }

  /**
   * The place of each text among the distinct ones.
   *
   * @throws IllegalArgumentException if one is not among the embedded texts
   */
  public int[] rows(Collection<String> asked) {
    return asked.stream().mapToInt(this::row).toArray();
  }

  private int row(String text) {
    Integer row = rows.get(text);
    if (row == null) {
      throw new IllegalArgumentException("not among the embedded texts: " + clean(text));
    }
    return row;
  }

  /** A copy of the vector of one of the texts. */
  public float[] vector(String text) {
    return vectors.get(row(text));
  }

  /** Number of distinct texts. */
  int size() {
    return texts.size();
  }

  @Override
  public void close() {
    if (vectors != null) {
      vectors.close();
    }
  }
}
