package org.mirror4j.task.classification;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.IntFunction;

/** What is said of texts as GLUE's benchmark takes it: {@code index TAB prediction}. */
final class PredictionFile {
  /** The first row. */
  static final List<String> HEADER = List.of("index", "prediction");

  private PredictionFile() {}

  /**
   * The content of a file.
   *
   * @param texts whose ids name the rows
   * @param said what is said of each, by its place; without tabs and ends of lines
   */
  static byte[] of(List<LabelledText> texts, IntFunction<String> said) {
    StringBuilder file = new StringBuilder(String.join("\t", HEADER)).append('\n');
    for (int text = 0; text < texts.size(); text++) {
      file.append(texts.get(text).id()).append('\t').append(said.apply(text)).append('\n');
    }
    return file.toString().getBytes(StandardCharsets.UTF_8);
  }
}
