package org.mirror4j.cli;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.mirror4j.task.coreference.CoreferenceSettings;
import picocli.CommandLine.Option;

/**
 * The settings of coreference as options: each field is called like the component of {@link
 * CoreferenceSettings} that it sets, and null unless the option is given.
 */
final class CoreferenceOptions {
  @Option(
      names = "--segments",
      paramLabel = "N",
      description = "coreference: segments of a document, of --max-length tokens, in a step.")
  private Integer segments;

  @Option(
      names = "--head-size",
      paramLabel = "N",
      description = "coreference: hidden size of the scorers.")
  private Integer hiddenSize;

  @Option(
      names = "--antecedents",
      paramLabel = "N",
      description = "coreference: antecedents of a span that are looked at closely.")
  private Integer maxAntecedents;

  @Option(
      names = "--head-dropout-rate",
      paramLabel = "X",
      description = "coreference: dropout of the head.")
  private Double dropoutRate;

  @Option(
      names = "--head-learning-rate",
      paramLabel = "X",
      description = "coreference: learning rate of the head, which falls from the first step on.")
  private Double learningRate;

  /** The settings of the paper with what is given in their place, checked. */
  CoreferenceSettings settings() {
    return CoreferenceSettings.base().with(Given.of(this));
  }

  /** One of the options that are given. */
  Optional<String> given() {
    Map<String, String> names =
        Map.of(
            "segments", "--segments",
            "hiddenSize", "--head-size",
            "maxAntecedents", "--antecedents",
            "dropoutRate", "--head-dropout-rate",
            "learningRate", "--head-learning-rate");
    return new TreeMap<>(Given.of(this)).keySet().stream().map(names::get).findFirst();
  }
}
