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
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.eval.EvaluationPlan;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.method.pretrain.PretrainingSettings;
import org.mirror4j.method.pretrain.PretrainingStart;
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

  private static final int LINE_CHARACTERS = 1 << 20;

  private final Device device;
  private final Precision precision;
  private final Map<Path, BertConfig> configs = new HashMap<>();
  private final Map<BertConfig, Double> rates = new HashMap<>();
  private final Map<Path, List<Integer>> corpora = new HashMap<>();
  private final FineTuningTokens fineTuned =
      new FineTuningTokens(this::lengths, CHARACTERS_PER_TOKEN);

  ExperimentEstimate(Device device, Precision precision) {
    this.device = device;
    this.precision = precision;
  }

  private BertConfig config(ModelState state) {
    return switch (state) {
      case ModelState.Fetched fetched ->
          configs.computeIfAbsent(fetched.directory(), ExperimentEstimate::config);
      case ModelState.Pretrained pretrained ->
          switch (pretrained.start()) {
            case PretrainingStart.Fresh fresh -> fresh.size().config(fresh.vocabSize(), 0);
            case PretrainingStart.Model from ->
                configs.computeIfAbsent(from.model(), ExperimentEstimate::config);
          };
      case ModelState.Tuned tuned -> config(tuned.start());
      case ModelState.FineTuned tuned -> config(tuned.start());
    };
  }

  private static BertConfig config(Path model) {
    return BertConfig.of(ModelDirectory.open(model));
  }

  /** Seconds of the products of training for so many tokens. */
  private double seconds(BertConfig config, double tokens) {
    double perMultiplication =
        rates.computeIfAbsent(
                config,
                _ ->
                    ResourceEstimate.of(
                            device.computing(precision),
                            precision.storage(),
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

  /** Seconds of making a model from what it is made from. */
  double training(ModelState state) {
    return switch (state) {
      case ModelState.Fetched _ -> 0;
      case ModelState.Pretrained pretrained -> seconds(config(state), tokens(pretrained));
      case ModelState.Tuned tuned -> seconds(config(state), tokens(tuned));
      case ModelState.FineTuned tuned ->
          seconds(config(state), fineTuned.trained(tuned))
              + FORWARD * seconds(config(state), fineTuned.scoredMeanwhile(tuned));
    };
  }

  /** Seconds of scoring a model on sets that are not scored while it trains. */
  double scoring(ModelState.FineTuned tuned, List<String> sets) {
    double tokens = sets.stream().mapToDouble(set -> fineTuned.scored(tuned, set)).sum();
    return FORWARD * seconds(config(tuned), tokens);
  }

  private double tokens(ModelState.Pretrained pretrained) {
    PretrainingSettings settings = pretrained.settings();
    if (settings.steps() > 0) {
      return (double) settings.steps() * settings.batchTokens();
    }
    double characters =
        pretrained.corpus().stream()
            .flatMap(file -> lengths(file).stream())
            .mapToDouble(length -> length)
            .sum();
    return settings.epochs() * characters / CHARACTERS_PER_TOKEN;
  }

  private double tokens(ModelState.Tuned tuned) {
    MirrorSettings settings = tuned.settings();
    boolean padded = settings.pooling() == Pooling.MEAN_PADDED;
    return 2
        * settings.epochs()
        * lengths(tuned.corpus()).stream()
            .mapToDouble(length -> tokens(length, settings.maxLength(), padded))
            .sum();
  }

  private List<Integer> lengths(Path corpus) {
    return corpora.computeIfAbsent(corpus, ExperimentEstimate::characters);
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
  double evaluation(ModelState state, Variant variant, EvaluationPlan plan, List<String> tasks) {
    return encoding(
        state, variant, tasks.stream().flatMap(task -> plan.texts(task).stream().distinct()));
  }

  /** Seconds of computing the vectors of texts. */
  double encoding(ModelState state, Variant variant, Stream<String> texts) {
    BertConfig config = config(state);
    int maxLength = variant.maxLength().orElse(config.maxSequenceLength());
    Optional<Pooling> tuned = variant.tuning().map(tuning -> tuning.settings(0).output());
    boolean padded =
        variant.pooling().or(() -> tuned).filter(Pooling.MEAN_PADDED::equals).isPresent();
    double tokens = texts.mapToDouble(text -> tokens(text.length(), maxLength, padded)).sum();
    return FORWARD * seconds(config, tokens);
  }
}
