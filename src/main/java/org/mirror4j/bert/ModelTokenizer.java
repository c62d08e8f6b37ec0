package org.mirror4j.bert;

import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.text.Tokenizer;

/** The tokenizer of a model directory. */
public final class ModelTokenizer {
  private ModelTokenizer() {}

  /**
   * Opens it, to be used as the directory says: text in lower case where the model wants it so.
   *
   * @param config of the same directory
   * @return to be closed
   * @throws org.mirror4j.text.TextException if it is not usable, or a token has no row in the model
   */
  public static Tokenizer open(ModelDirectory directory, BertConfig config) {
    Tokenizer tokenizer =
        Tokenizer.open(directory.path(), directory.settings().embedding().lowerCase());
    try {
      tokenizer.requireRows(config.vocabSize());
      return tokenizer;
    } catch (RuntimeException | Error e) {
      tokenizer.close();
      throw e;
    }
  }
}
