package org.mirror4j.cli;

import java.util.Optional;
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
      names = "--span-width",
      paramLabel = "N",
      description = "coreference: pieces of the widest span.")
  private Integer maxWidth;

  @Option(
      names = "--feature-size",
      paramLabel = "N",
      description = "coreference: elements of an embedding of a width, a distance, a genre.")
  private Integer featureSize;

  @Option(
      names = "--head-size",
      paramLabel = "N",
      description = "coreference: hidden size of the scorers.")
  private Integer hiddenSize;

  @Option(
      names = "--span-ratio",
      paramLabel = "X",
      description = "coreference: spans that are kept for each piece of a document.")
  private Double spanRatio;

  @Option(
      names = "--max-spans",
      paramLabel = "N",
      description = "coreference: the most spans of a document that are kept.")
  private Integer maxSpans;

  @Option(
      names = "--antecedents",
      paramLabel = "N",
      description = "coreference: antecedents of a span that are looked at closely.")
  private Integer maxAntecedents;

  @Option(
      names = "--depth",
      paramLabel = "N",
      description =
          "coreference: how often antecedents are scored, once more than spans are refined.")
  private Integer depth;

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

  @Option(
      names = "--singletons",
      negatable = true,
      description =
          "coreference: chains of one mention count where the model is scored, --no-singletons:"
              + " they are left out.")
  private Boolean singletons;

  /** The settings of the paper with what is given in their place, checked. */
  CoreferenceSettings settings() {
    return CoreferenceSettings.base().with(Given.of(this));
  }

  /** One of the options that are given. */
  Optional<String> given() {
    return Given.of(this).keySet().stream()
        .map(Given.names(CoreferenceOptions.class)::get)
        .findFirst();
  }
}
