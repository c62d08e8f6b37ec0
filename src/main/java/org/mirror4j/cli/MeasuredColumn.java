package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.mirror4j.device.Device;
import org.mirror4j.encode.Encoding;
import org.mirror4j.eval.EvaluationPlan;
import org.mirror4j.eval.ModelEncoder;

/**
 * A model of an evaluation.
 *
 * @param path its directory
 * @param encoding how its vectors are made
 * @param languages directories of the models of languages that have their own
 */
record MeasuredColumn(
    MeasuredModel model, Path path, Encoding encoding, SequencedMap<String, Path> languages) {
  /** Of its column. */
  String name() {
    return model.label();
  }

  /** Whether the model is a directory of the user's, not one that a name stands for. */
  boolean isPath() {
    return new ModelArgument(model.text()).isPath();
  }

  /** All that are read. */
  List<Path> directories() {
    return Stream.concat(Stream.of(path), languages.values().stream()).toList();
  }

  /** What is to be said of other models. */
  private String others() {
    return languages.isEmpty() ? "" : ", other models for " + String.join(", ", languages.keySet());
  }

  /**
   * Measures it on all tasks.
   *
   * @param progress is told of each task and value
   * @param card takes the values too
   * @throws IllegalStateException if its vectors cannot be used; the message names model and task
   */
  void evaluate(
      Console console,
      Device device,
      EvaluationPlan plan,
      EvaluationProgress progress,
      MeasuredCard card) {
    String text = model.text();
    ModelEncoder all = new ModelEncoder(device, path, text, encoding, progress);
    try (EncoderOfLanguages encoder = new EncoderOfLanguages(all)) {
      ObjectNode settings = EncoderOptions.json(all.resolved(), text).put("column", name());
      languages.forEach(
          (language, directory) -> {
            String own = model.languages().get(language);
            ModelEncoder opened = new ModelEncoder(device, directory, own, encoding, progress);
            encoder.add(language, opened);
            settings.set("language-" + language, EncoderOptions.json(opened.resolved(), own));
          });
      console.settings(settings);
      progress.model(name(), text, all.described(), settings);
      card.settings(all.described() + others());
      plan.evaluate(
          device,
          encoder,
          progress::begins,
          measurement -> {
            progress.measured(measurement);
            card.add(measurement);
          });
    } catch (IllegalStateException e) {
      throw new IllegalStateException("%s: %s".formatted(text, e.getMessage()), e);
    }
  }
}
