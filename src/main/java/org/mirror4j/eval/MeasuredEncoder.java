package org.mirror4j.eval;

import java.util.List;
import java.util.function.Consumer;

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
}
