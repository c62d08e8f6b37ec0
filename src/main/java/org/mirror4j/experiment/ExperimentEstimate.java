package org.mirror4j.experiment;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.Pooling;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.device.Device;
import org.mirror4j.eval.EvaluationPlan;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.tensor.DType;
import org.mirror4j.text.LineReader;
import org.mirror4j.train.ResourceEstimate;

/**
 * How long experiments will take, at least: the matrix products at the measured rate of one of
 * them, with as many tokens as the length of a text lets expect.
 */
final class ExperimentEstimate {
  /** Of a text in a language that the model's vocabulary was made for. */
  private static final double CHARACTERS_PER_TOKEN = 4;

  private static final int SPECIAL_TOKENS = 2;

  /** What is measured of one model is that of others of its size. */
  private static final double PROBED = 1e12;

  /** A pass forward has a third of the products of a step. */
  private static final double FORWARD = 1.0 / 3;

  private static final int UNLIMITED = 512;
  private static final int LINE_CHARACTERS = 1 << 20;

  private final Device device;
  private final DType precision;
  private final Map<Path, BertConfig> configs = new HashMap<>();
  private final Map<Path, Double> rates = new HashMap<>();
  private final Map<Path, List<Integer>> corpora = new HashMap<>();

  ExperimentEstimate(Device device, DType precision) {
    this.device = device;
    this.precision = precision;
  }

  private BertConfig config(Path model) {
    return configs.computeIfAbsent(
        model,
        path -> {
          ModelDirectory directory = ModelDirectory.open(path);
          try (SafeTensors weights = directory.weights()) {
            return BertConfig.of(directory, weights);
          }
        });
  }

  /** Seconds of the products of training for so many tokens. */
  private double seconds(Path model, double tokens) {
    BertConfig config = config(model);
    double perMultiplication =
        rates.computeIfAbsent(
                model,
                path ->
                    ResourceEstimate.of(
                            device,
                            precision,
                            0,
                            PROBED,
                            config.hiddenSize(),
                            config.intermediateSize())
                        .seconds())
            / PROBED;
    return config.multiplications((long) tokens, (long) tokens) * perMultiplication;
  }

  private static double tokens(int characters, int maxLength, boolean padded) {
    double tokens = SPECIAL_TOKENS + characters / CHARACTERS_PER_TOKEN;
    return padded ? maxLength : Math.min(maxLength, tokens);
  }

  /** Seconds of a tuning. */
  double tuning(ModelState state) {
    ModelState.Run run = state.run().orElseThrow();
    MirrorSettings settings = run.settings();
    List<Integer> lengths = corpora.computeIfAbsent(run.corpus(), ExperimentEstimate::characters);
    boolean padded = settings.pooling() == Pooling.MEAN_PADDED;
    double tokens =
        2
            * settings.epochs()
            * lengths.stream()
                .mapToDouble(length -> tokens(length, settings.maxLength(), padded))
                .sum();
    return seconds(state.base(), tokens);
  }

  private static List<Integer> characters(Path corpus) {
    try (LineReader lines = new LineReader(List.of(corpus), LINE_CHARACTERS)) {
      return Stream.generate(lines::next)
          .takeWhile(line -> line != null)
          .map(String::length)
          .toList();
    }
  }

  /** Seconds of measuring a model on some tasks. */
  double evaluation(Path base, Variant variant, EvaluationPlan plan, List<String> tasks) {
    return encoding(
        base, variant, tasks.stream().flatMap(task -> plan.texts(task).stream().distinct()));
  }

  /** Seconds of computing the vectors of texts. */
  double encoding(Path base, Variant variant, Stream<String> texts) {
    int maxLength = variant.maxLength().orElse(UNLIMITED);
    Optional<Pooling> tuned = variant.tuning().map(tuning -> tuning.settings(0).output());
    boolean padded =
        variant.pooling().or(() -> tuned).filter(Pooling.MEAN_PADDED::equals).isPresent();
    double tokens = texts.mapToDouble(text -> tokens(text.length(), maxLength, padded)).sum();
    return FORWARD * seconds(base, tokens);
  }
}
