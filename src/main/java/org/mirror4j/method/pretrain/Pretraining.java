package org.mirror4j.method.pretrain;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.device.Device;
import org.mirror4j.optim.AdamW;
import org.mirror4j.optim.BiasCorrection;
import org.mirror4j.optim.Clipping;
import org.mirror4j.optim.LearningRateSchedule;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.LineReader;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.text.WordCounts;
import org.mirror4j.text.WordPieceTrainer;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.Method;
import org.mirror4j.train.Trainable;
import org.mirror4j.train.TrainingListener;

/**
 * A masked language model from raw text alone: vocabulary, weights and head (Devlin et al. 2019;
 * dynamic masking and no next sentence prediction as Liu et al. 2019).
 *
 * @param corpus files of raw text, a paragraph a line, an empty line between texts
 * @param heldOut text whose loss is reported
 * @param size the architecture
 * @param vocabSize pieces to learn
 * @param settings every other value
 */
public record Pretraining(
    List<Path> corpus,
    Optional<Path> heldOut,
    ModelSize size,
    int vocabSize,
    PretrainingSettings settings)
    implements Method {
  private static final double BETA_1 = 0.9;
  private static final double BETA_2 = 0.98;
  private static final double EPSILON = 1e-6;
  private static final int MIN_FREQUENCY = 2;
  private static final int LIMIT_ALPHABET = 200;
  private static final int LINE_CHARACTERS = 100_000;

  /** A model with Adam as Liu et al. have it, without decay of biases and LayerNorm. */
  Trainable trainable(Device device, Workspace workspace, BertModel model, int steps) {
    return Trainable.of(
        device,
        workspace,
        model.table(),
        model.parameters(),
        model.stored(),
        new AdamW.Settings(
            BiasCorrection.MOMENTS, BETA_1, BETA_2, EPSILON, settings.weightDecay(), false),
        LearningRateSchedule.linear(
            settings.learningRate(), Math.min(settings.warmupSteps(), steps), steps));
  }

  /** How its gradients are clipped. */
  Clipping clipping() {
    return Clipping.global(settings.maxGradNorm());
  }

  @Override
  public String recipe() {
    return "pretrain";
  }

  @Override
  public long seed() {
    return settings.seed();
  }

  @Override
  public List<Path> inputs() {
    return Stream.concat(corpus.stream(), heldOut.stream()).toList();
  }

  @Override
  public void read(
      Device device, ComputeOptions compute, TrainingListener listener, Consumer<Plan> run) {
    try (Tokenizer tokenizer = learnVocabulary(listener);
        PretrainingText text = PretrainingText.read(corpus, tokenizer, settings.maxLength());
        PretrainingText other = readHeldOut(tokenizer)) {
      listener.notice(
          "%,d sequences of at most %d tokens, %,d tokens"
              .formatted(text.size(), settings.maxLength(), text.tokens()));
      run.accept(new PretrainingPlan(this, device, compute, listener, tokenizer, text, other));
    }
  }

  /** Null where none is asked for. */
  private PretrainingText readHeldOut(Tokenizer tokenizer) {
    return heldOut
        .map(file -> PretrainingText.read(List.of(file), tokenizer, settings.maxLength()))
        .orElse(null);
  }

  private Tokenizer learnVocabulary(TrainingListener listener) {
    WordCounts counts = new WordCounts(true);
    try (LineReader lines = new LineReader(corpus, LINE_CHARACTERS)) {
      counts.addAll(lines);
      lines.notices().forEach(listener::notice);
      listener.notice(
          "%,d lines, %,d distinct words; %,d lines with invalid UTF-8, %,d cut"
              .formatted(lines.lines(), counts.distinct(), lines.invalidLines(), lines.cutLines()));
    }
    List<String> vocabulary =
        WordPieceTrainer.train(counts, vocabSize, MIN_FREQUENCY, LIMIT_ALPHABET);
    listener.notice("%,d word pieces learned".formatted(vocabulary.size()));
    return Tokenizer.wordPiece(vocabulary, true);
  }
}
