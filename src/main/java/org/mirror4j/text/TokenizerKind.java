package org.mirror4j.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.mirror4j.file.JsonFiles;

/** How a tokenizer cuts words, as its files tell before it is opened. */
public enum TokenizerKind {
  /** The longest piece first (BERT). */
  WORD_PIECE("WordPiece"),
  /** Pairs are merged (RoBERTa). */
  BYTE_PAIR("BPE"),
  /** The most probable pieces (XLM-RoBERTa, CamemBERT). */
  UNIGRAM("Unigram");

  private final String label;

  TokenizerKind(String label) {
    this.label = label;
  }

  /** What {@code tokenizer.json} calls it. */
  public String label() {
    return label;
  }

  /**
   * The kind of a model directory's tokenizer, of the file that {@link Tokenizer#open} takes.
   *
   * @throws org.mirror4j.file.FileException if {@code tokenizer.json} is not JSON
   */
  public static Optional<TokenizerKind> of(Path directory) {
    if (Files.exists(directory.resolve("tokenizer.json"))) {
      return ofFile(directory.resolve("tokenizer.json"));
    }
    if (Files.exists(directory.resolve("vocab.txt"))) {
      return Optional.of(WORD_PIECE);
    }
    return Files.exists(directory.resolve("vocab.json"))
        ? Optional.of(BYTE_PAIR)
        : Optional.empty();
  }

  /**
   * The kind that a file in the form of {@code tokenizer.json} holds.
   *
   * @throws org.mirror4j.file.FileException if it is not JSON
   */
  public static Optional<TokenizerKind> ofFile(Path tokenizerJson) {
    JsonNode model = JsonFiles.read(tokenizerJson).path("model");
    for (TokenizerKind kind : values()) {
      if (kind.label.equals(model.path("type").asText())) {
        return Optional.of(kind);
      }
    }
    // The first versions of the format name no type.
    return model.has("merges") ? Optional.of(BYTE_PAIR) : Optional.empty();
  }
}
