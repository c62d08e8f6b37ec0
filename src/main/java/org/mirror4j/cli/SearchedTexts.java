package org.mirror4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.file.FileException;
import org.mirror4j.search.Vectors;
import org.mirror4j.text.LineReader;

/** Lines of text with a vector each, in their order. */
final class SearchedTexts implements AutoCloseable {
  /** Lines computed at once: enough to sort by length. */
  private static final int CHUNK = 4096;

  private final List<String> texts;
  private final Vectors vectors;

  private SearchedTexts(List<String> texts, Vectors vectors) {
    this.texts = texts;
    this.vectors = vectors;
  }

  /**
   * Reads lines.
   *
   * @param input a file or {@code -}
   * @param whole whether a line that is too long is refused in place of being cut
   * @throws FileException if one is
   */
  static List<String> read(Path input, boolean whole, Console console) {
    List<String> texts = new ArrayList<>();
    try (LineReader lines = TextInput.open(input)) {
      for (String line = TextInput.first(input, lines); line != null; line = lines.next()) {
        if (whole && lines.cutLines() > 0) {
          throw new FileException(
              "%s: more than 100,000 characters, expected fewer in lines that are printed again"
                  .formatted(lines.place()));
        }
        texts.add(line);
      }
      TextInput.warn(console, lines);
    }
    return texts;
  }

  /** Computes the vectors: of equal texts once, so that they are equal to the bit. */
  static SearchedTexts embed(List<String> texts, TextEncoder encoder, Console console) {
    SequencedMap<String, List<Integer>> rows = new LinkedHashMap<>();
    for (int row = 0; row < texts.size(); row++) {
      rows.computeIfAbsent(texts.get(row), _ -> new ArrayList<>(1)).add(row);
    }
    List<String> distinct = List.copyOf(rows.keySet());
    Vectors vectors = Vectors.allocate(texts.size(), encoder.dimensions());
    try {
      EmbeddingProgress progress = new EmbeddingProgress(console, "texts");
      for (int from = 0; from < distinct.size(); from += CHUNK) {
        int to = Math.min(from + CHUNK, distinct.size());
        float[][] chunk = encoder.encode(distinct.subList(from, to));
        for (int i = 0; i < chunk.length; i++) {
          for (int row : rows.get(distinct.get(from + i))) {
            vectors.set(row, chunk[i]);
          }
        }
        progress.accept(to);
      }
      return new SearchedTexts(texts, vectors);
    } catch (RuntimeException | Error e) {
      vectors.close();
      throw e;
    }
  }

  /**
   * Takes vectors that were computed before.
   *
   * @param npy as {@code embed} writes it
   * @throws FileException if it is no matrix of f32, or has more or fewer than there are texts
   */
  static SearchedTexts map(List<String> texts, Path npy) {
    Vectors vectors = Vectors.map(npy);
    if (vectors.size() != texts.size()) {
      int found = vectors.size();
      vectors.close();
      throw new FileException(
          "%s: %,d vectors, expected %,d, one for each text".formatted(npy, found, texts.size()));
    }
    return new SearchedTexts(texts, vectors);
  }

  /**
   * Takes vectors that were computed before and are to be compared with those of an encoder.
   *
   * @param model what the encoder's is called
   * @throws FileException also if they are of another width
   */
  static SearchedTexts map(List<String> texts, Path npy, TextEncoder encoder, String model) {
    SearchedTexts there = map(texts, npy);
    int width = there.vectors.dimension();
    if (width != encoder.dimensions()) {
      there.close();
      throw new FileException(
          "%s: vectors of %d values, expected %d as %s makes them"
              .formatted(npy, width, encoder.dimensions(), model));
    }
    return there;
  }

  /** How many there are. */
  int size() {
    return texts.size();
  }

  String text(int row) {
    return texts.get(row);
  }

  Vectors vectors() {
    return vectors;
  }

  @Override
  public void close() {
    vectors.close();
  }
}
