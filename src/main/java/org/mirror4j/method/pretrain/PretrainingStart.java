package org.mirror4j.method.pretrain;

import java.nio.file.Path;
import org.mirror4j.bert.ModelSize;

/** What pretraining begins with. */
public sealed interface PretrainingStart {
  /**
   * Nothing: a vocabulary is learned and the weights are random.
   *
   * @param size the architecture
   * @param vocabSize pieces to learn
   * @param cased whether case and accents are kept, as SpanBERT keeps them; the text is lower-cased
   *     without
   */
  record Fresh(ModelSize size, int vocabSize, boolean cased) implements PretrainingStart {}

  /**
   * A model with its tokenizer and its heads; those that the objective needs and the model lacks
   * are begun fresh, but for the one of masked language modelling.
   *
   * @param model directory
   * @param name what the settings of the run call it
   */
  record Model(Path model, String name) implements PretrainingStart {}
}
