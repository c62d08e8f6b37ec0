package org.mirror4j.cli;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.mirror4j.eval.Coverage;
import org.mirror4j.eval.MeasuredEncoder;
import org.mirror4j.eval.ModelEncoder;

/** A model, and others for texts in languages of their own; closes all. */
final class EncoderOfLanguages implements MeasuredEncoder, AutoCloseable {
  private final MeasuredEncoder all;
  private final Map<String, MeasuredEncoder> languages = new HashMap<>();
  private final Deque<OpenModel> opened = new ArrayDeque<>();
  private final ModelEncoder.Progress progress;

  /**
   * @param model for texts in every language that has none of its own
   */
  EncoderOfLanguages(OpenModel model, ModelEncoder.Progress progress) {
    this.progress = progress;
    opened.push(model);
    all = model.encoder(progress);
  }

  /** Takes a model for a language. */
  void add(String language, OpenModel model) {
    opened.push(model);
    languages.put(language, model.encoder(progress));
  }

  @Override
  public void encode(List<String> texts, Consumer<float[]> vectors) {
    all.encode(texts, vectors);
  }

  @Override
  public MeasuredEncoder in(String language) {
    return languages.getOrDefault(language, all);
  }

  /** Which text is in which language is not known here. */
  @Override
  public Coverage coverage(List<String> texts) {
    return languages.isEmpty() ? all.coverage(texts) : Coverage.NONE;
  }

  @Override
  public void close() {
    opened.forEach(OpenModel::close);
  }
}
