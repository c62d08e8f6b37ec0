package org.mirror4j.task.classification;

import static org.mirror4j.file.FileException.quote;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.mirror4j.file.FileException;
import org.mirror4j.text.TextLines;

/** What is said of texts as GLUE's benchmark takes it: {@code index TAB prediction}. */
final class PredictionFile {
  private static final List<String> HEADER = List.of("index", "prediction");

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

  /**
   * What a file says of texts, by their ids, in its order; blank lines are passed over.
   *
   * @param labels checks what is said
   * @throws FileException if the file has another header, a row not two fields, or an id of
   *     another; the message names file and line
   * @throws org.mirror4j.text.TextException if the file is absent, empty or not UTF-8
   */
  static SequencedMap<String, String> read(
      Path file, Consumer<String> notices, TableFile.LabelCheck labels) {
    SequencedMap<String, String> said = new LinkedHashMap<>();
    Map<String, Integer> lines = new HashMap<>();
    TextLines.each(
        file,
        notices,
        (number, line) -> {
          String place = file + ":" + number;
          List<String> fields = List.of(line.split("\t", -1));
          if (number == 1) {
            if (!fields.equals(HEADER)) {
              throw new FileException(
                  "%s: %s, expected the header index TAB prediction".formatted(place, quote(line)));
            }
            return;
          }
          if (GlueFile.isBlank(line)) {
            return;
          }
          GlueFile.checkCount(place, fields.size(), HEADER.size(), false);
          GlueFile.checkFirst(
              place, fields.getFirst(), lines.putIfAbsent(fields.getFirst(), number));
          labels.check(place, fields.getLast());
          said.put(fields.getFirst(), fields.getLast());
        });
    return said;
  }
}
