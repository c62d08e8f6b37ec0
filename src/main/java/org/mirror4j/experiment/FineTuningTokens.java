package org.mirror4j.experiment;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.ModelTokenizer;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.method.finetune.FineTuningSettings;
import org.mirror4j.task.Evaluation;
import org.mirror4j.task.Examples;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.TaskKind;
import org.mirror4j.text.Tokenizer;

/**
 * How many tokens fine-tunings compute: counted by reading the files as the models will, or guessed
 * from their characters where there is no model yet. What was counted once is known.
 */
final class FineTuningTokens {
  private final Function<Path, List<Integer>> lengths;
  private final double charactersPerToken;
  private final Map<List<Object>, Counts> known = new HashMap<>();

  /**
   * Tokens.
   *
   * @param training of all examples that are trained on, of which there are so many
   * @param scored of all examples that are scored
   */
  private record Counts(double training, double examples, double scored) {}

  /**
   * @param lengths characters of the lines of a file
   * @param charactersPerToken what is guessed with
   */
  FineTuningTokens(Function<Path, List<Integer>> lengths, double charactersPerToken) {
    this.lengths = lengths;
    this.charactersPerToken = charactersPerToken;
  }

  /**
   * Of all steps of a run.
   *
   * @throws RuntimeException naming file and line of what cannot be used
   */
  double trained(ModelState.FineTuned tuned) {
    FineTuningSettings settings = tuned.settings();
    Counts counts = counts(tuned, tuned.development().firstEntry().getValue());
    double all = settings.epochs() * counts.training;
    double perStep = counts.training / counts.examples * settings.batchSize();
    return settings.steps() > 0 ? Math.min(all, settings.steps() * perStep) : all;
  }

  /** Of all that is scored during a run. */
  double scoredMeanwhile(ModelState.FineTuned tuned) {
    FineTuningSettings settings = tuned.settings();
    Counts counts = counts(tuned, tuned.development().firstEntry().getValue());
    double epochs = trained(tuned) / counts.training;
    double steps = epochs * Math.ceil(counts.examples / settings.batchSize());
    return Math.max(1, Math.min(steps, epochs * settings.evaluations())) * counts.scored;
  }

  /** Of a set that is scored after a run; 0 for the one that is scored meanwhile. */
  double scored(ModelState.FineTuned tuned, String set) {
    return set.equals(tuned.development().firstEntry().getKey())
        ? 0
        : counts(tuned, tuned.development().get(set)).scored;
  }

  private Counts counts(ModelState.FineTuned tuned, Path scored) {
    Optional<Path> model = there(tuned.start());
    int maxLength = tuned.settings().maxLength();
    TaskKind kind = tuned.kind();
    List<Object> key =
        List.of(model, kind.name(), kind.options(), tuned.training(), scored, maxLength);
    return known.computeIfAbsent(
        key,
        _ -> model.map(path -> read(path, tuned, scored)).orElseGet(() -> guess(tuned, scored)));
  }

  /** What a model is made from, if that is there. */
  private static Optional<Path> there(ModelState state) {
    return switch (state) {
      case ModelState.Fetched fetched -> Optional.of(fetched.directory());
      case ModelState.Pretrained _ -> Optional.empty();
      case ModelState.Tuned tuned -> there(tuned.start());
      case ModelState.FineTuned tuned -> there(tuned.start());
    };
  }

  private static Counts read(Path model, ModelState.FineTuned tuned, Path scored) {
    ModelDirectory directory = ModelDirectory.open(model);
    try (Tokenizer tokenizer = ModelTokenizer.open(directory, BertConfig.of(directory))) {
      FineTunedTask<?> task =
          tuned.reader(scored).read(directory, tokenizer, tuned.settings().maxLength(), _ -> {});
      Examples<?> training = task.training();
      return new Counts(
          tokens(training),
          training.size(),
          task.development().map(Evaluation::examples).map(FineTuningTokens::tokens).orElse(0.0));
    }
  }

  private static double tokens(Examples<?> examples) {
    double tokens = 0;
    for (int example = 0; example < examples.size(); example++) {
      tokens += examples.text(example).length();
    }
    return tokens;
  }

  private Counts guess(ModelState.FineTuned tuned, Path scored) {
    return new Counts(
        tokens(tuned.training()), lengths.apply(tuned.training()).size(), tokens(scored));
  }

  private double tokens(Path file) {
    double characters = lengths.apply(file).stream().mapToDouble(length -> length).sum();
    return characters / charactersPerToken;
  }
}
