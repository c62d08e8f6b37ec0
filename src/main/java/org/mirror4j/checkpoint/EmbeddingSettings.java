package org.mirror4j.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.OptionalInt;
import org.mirror4j.file.JsonFiles;

/**
 * What a model does with a text before it is tokenised and with the vector after pooling. Tuning
 * leaves it as it is.
 *
 * @param lowerCase whether the whole text is lower-cased before the tokenizer sees it
 * @param prompts texts that are put before the text
 * @param normalize whether vectors are divided by their length
 * @param dimensions leading elements of a vector that are kept, after that division; empty for all
 * @param similarity what compares vectors: {@code cosine}, {@code dot}, {@code euclidean} or {@code
 *     manhattan}; empty where nothing says
 * @param remarks other keys of {@code config_sentence_transformers.json}, versions say; they change
 *     no vector
 */
public record EmbeddingSettings(
    boolean lowerCase,
    Prompts prompts,
    boolean normalize,
    OptionalInt dimensions,
    Optional<String> similarity,
    ObjectNode remarks) {
  /** Text as it is, vectors as they are. */
  public static final EmbeddingSettings NONE =
      new EmbeddingSettings(
          false, Prompts.NONE, false, OptionalInt.empty(), Optional.empty(), JsonFiles.object());

  /** These settings with other ones of what surrounds the pooling. */
  EmbeddingSettings around(boolean normalize, boolean promptPooled) {
    return new EmbeddingSettings(
        lowerCase,
        new Prompts(prompts.byName(), prompts.defaultName(), promptPooled),
        normalize,
        dimensions,
        similarity,
        remarks);
  }

  /**
   * The values of a vector.
   *
   * @param width of the vectors before some of their elements are left out
   */
  public int kept(int width) {
    return Math.min(dimensions.orElse(width), width);
  }

  /** What compares vectors, in words; the cosine where nothing says another. */
  public String comparison() {
    return switch (similarity.orElse("cosine")) {
      case "dot" -> "dot product";
      case "euclidean" -> "Euclidean distance";
      case "manhattan" -> "Manhattan distance";
      default -> "cosine";
    };
  }

  /** These settings with other prompts. */
  public EmbeddingSettings withPrompts(Prompts others) {
    return new EmbeddingSettings(lowerCase, others, normalize, dimensions, similarity, remarks);
  }

  /** These settings with all elements of a vector kept. */
  public EmbeddingSettings withAllDimensions() {
    return new EmbeddingSettings(
        lowerCase, prompts, normalize, OptionalInt.empty(), similarity, remarks);
  }

  /** Copies what can change. */
  public EmbeddingSettings {
    remarks = remarks.deepCopy();
  }
}
