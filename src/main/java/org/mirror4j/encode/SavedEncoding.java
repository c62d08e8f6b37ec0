package org.mirror4j.encode;

import java.util.Optional;
import java.util.function.Supplier;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.Pooling;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.file.FileException;
import org.mirror4j.text.Template;
import org.mirror4j.text.TokenLimit;
import org.mirror4j.text.Tokenizer;

/**
 * How a model's files say that texts become vectors. What they say and cannot be is their fault,
 * not that of who uses the model: a {@link FileException} that names it.
 *
 * @param model what messages call it
 * @param settings that its files have
 * @param config of the same files
 */
public record SavedEncoding(String model, ModelSettings settings, BertConfig config) {
  /**
   * The pooling; empty where the files say none.
   *
   * @throws FileException if there is none of its name, or the model has fewer layers than it takes
   */
  public Optional<Pooling> pooling() {
    return settings.pooling().map(label -> value(() -> pooling(label)));
  }

  private Pooling pooling(String label) {
    Pooling pooling = Pooling.of(label);
    pooling.layers(config.numHiddenLayers());
    return pooling;
  }

  /**
   * What stands around each text; empty where the files say nothing, or have a prompt instead.
   *
   * @throws FileException if it is no template
   */
  public Optional<Template> template() {
    return settings.template().map(text -> value(() -> Template.of(text)));
  }

  /**
   * The longest sequence, as sentence-transformers takes it: what the settings say, or what the
   * tokenizer's do; no more than there are positions.
   *
   * @throws FileException if it leaves no room for text
   */
  public int maxLength(Tokenizer tokenizer) {
    int said = settings.maxLength().orElse(tokenizer.maxLength().orElse(Integer.MAX_VALUE));
    return value(() -> config.requireLength(Math.min(said, config.maxSequenceLength())));
  }

  /**
   * Requires that its own words around a text leave room for one within its own length.
   *
   * @throws FileException if they do not
   */
  void requireRoom(Tokenizer tokenizer, int maxLength, Template template) {
    value(() -> new TokenLimit(tokenizer, maxLength, template));
  }

  private <T> T value(Supplier<T> said) {
    try {
      return said.get();
    } catch (IllegalArgumentException e) {
      throw new FileException(model + ": " + e.getMessage(), e);
    }
  }
}
