package org.mirror4j.cli;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.mirror4j.eval.Coverage;
import org.mirror4j.eval.MeasuredEncoder;
import org.mirror4j.eval.ModelEncoder;
import org.mirror4j.predict.MaskedLoss;
import org.mirror4j.text.mask.MaskScheme;

/** A model, and others for texts in languages of their own; closes all. */
final class EncoderOfLanguages implements MeasuredEncoder, AutoCloseable {
  private final ModelEncoder all;
  private final Map<String, ModelEncoder> languages = new HashMap<>();

  /**
   * @param all for texts in every language that has none of its own
   */
  EncoderOfLanguages(ModelEncoder all) {
    this.all = all;
  }

  /** Takes a model for a language. */
  void add(String language, ModelEncoder model) {
    languages.put(language, model);
  }

  @Override
  public void encode(List<String> texts, Consumer<float[]> vectors) {
    all.encode(texts, vectors);
  }

  @Override
  public MeasuredEncoder in(String language) {
    return languages.getOrDefault(language, all);
  }

  @Override
  public MaskedLoss.Result maskedLoss(Path text, MaskScheme scheme) {
    return all.maskedLoss(text, scheme);
  }

  @Override
  public Coverage coverage(List<String> texts) {
    return all.coverage(texts);
  }

  @Override
  public void close() {
    languages.values().forEach(ModelEncoder::close);
    all.close();
  }
}
