package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.mirror4j.predict.MaskedLoss;
import org.mirror4j.text.mask.MaskScheme;

/** Turns texts into vectors. How texts are batched is the encoder's matter. */
@FunctionalInterface
public interface MeasuredEncoder {
  /**
   * Makes one vector per text, in the order of the texts, all of the same length and finite.
   *
   * @param texts not empty
   * @param vectors takes them as they come
   */
  void encode(List<String> texts, Consumer<float[]> vectors);

  /**
   * The encoder of texts in one language, of the same kind and length of vectors or not; this one
   * where one model serves all languages.
   *
   * @param language its code, as {@code en}
   */
  default MeasuredEncoder in(String language) {
    return this;
  }

  /**
   * How much of some texts the encoder can read; {@link Coverage#NONE} where it cannot tell.
   *
   * @param texts all different
   */
  default Coverage coverage(List<String> texts) {
    return Coverage.NONE;
  }

  /**
   * The loss over prose of the masked language model that the encoder is of.
   *
   * @param text a paragraph a line, an empty line between documents
   * @param scheme what is masked together
   * @throws org.mirror4j.file.FileException if the model lacks the head
   * @throws IllegalStateException if the encoder is of no model, or the loss is not finite
   */
  default MaskedLoss.Result maskedLoss(Path text, MaskScheme scheme) {
    throw new IllegalStateException("encoder: of no masked language model");
  }
}
