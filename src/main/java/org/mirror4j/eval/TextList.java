package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.mirror4j.device.Device;
import org.mirror4j.file.FileException;
import org.mirror4j.text.TextLines;

/**
 * Texts whose vectors' isotropy is measured. One that occurs often counts as often.
 *
 * @param texts at least one
 */
record TextList(List<String> texts) implements TaskData {
  TextList {
    texts = List.copyOf(texts);
  }

  /**
   * Reads one text a line; blank lines are passed over.
   *
   * @param notices is told what is worth knowing of the file
   * @throws org.mirror4j.text.TextException if the file is absent, empty or not UTF-8
   * @throws FileException if it cannot be read
   * @throws IllegalArgumentException if there is no text in it
   */
  static TextList read(Path file, Consumer<String> notices) {
    List<String> texts =
        TextLines.read(file, notices).stream()
            .map(String::strip)
            .filter(text -> !text.isEmpty())
            .toList();
    if (texts.isEmpty()) {
      throw new IllegalArgumentException(file + ": no texts");
    }
    return new TextList(texts);
  }

  @Override
  public List<Measurement> measure(String task, Device device, MeasuredEncoder encoder) {
    try (EmbeddedTexts embedded = EmbeddedTexts.embed(encoder, texts)) {
      return Isotropy.of(embedded.vectors(), embedded.rows(texts)).measurements(task);
    }
  }
}
