package org.mirror4j.method.pretrain;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.optim.AdamW;
import org.mirror4j.optim.BiasCorrection;
import org.mirror4j.optim.Clipping;
import org.mirror4j.optim.LearningRateSchedule;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Alphabet;
import org.mirror4j.text.LineReader;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.text.WordCounts;
import org.mirror4j.text.WordPieceTrainer;
import org.mirror4j.text.block.CorpusLines;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.Fidelity;
import org.mirror4j.train.Method;
import org.mirror4j.train.Trainable;
import org.mirror4j.train.TrainingListener;

/**
 * A masked language model from raw text: BERT (Devlin et al. 2019; dynamic masking as Liu et al.
 * 2019) and SpanBERT (Joshi et al. 2020), from nothing or going on from a model.
 *
 * @param corpus files of raw text, a paragraph a line, an empty line between texts
 * @param heldOut text whose loss is reported
 * @param start what there is before the first step
 * @param recipe name that the output carries
 * @param settings every other value
 */
public record Pretraining(
    List<Path> corpus,
    Optional<Path> heldOut,
    PretrainingStart start,
    String recipe,
    PretrainingSettings settings)
    implements Method {
  private static final double BETA_1 = 0.9;
  private static final int MIN_FREQUENCY = 2;

  /** Characters that a vocabulary has in any case. */
  private static final int LEAST_ALPHABET = 200;

  /** Of a text's characters, those that may be left out of the vocabulary of another alphabet. */
  private static final double LEFT_OUT = 0.001;

  /** More of the words than this are told of when they cannot be spelt. */
  private static final double TOLD = 0.01;

  /** A model with its optimiser, see {@link PretrainingSettings#fidelity}. */
  Trainable trainable(Device device, Workspace workspace, BertModel model, int steps) {
    boolean released = settings.fidelity() == Fidelity.RELEASED;
    int warmup = Math.min(settings.warmupSteps(), steps);
    return Trainable.of(
        device,
        workspace,
        model.table(),
        model.parameters(),
        model.stored(),
        new AdamW.Settings(
            released ? BiasCorrection.STEP_SIZE : BiasCorrection.MOMENTS,
            BETA_1,
            settings.beta2(),
            settings.epsilon(),
            settings.weightDecay(),
            released),
        released
            ? LearningRateSchedule.linearOverWarmup(settings.learningRate(), warmup, steps)
            : LearningRateSchedule.linear(settings.learningRate(), warmup, steps));
  }

  /** How its gradients are clipped. */
  Clipping clipping() {
    return Clipping.global(settings.maxGradNorm());
  }

  @Override
  public long seed() {
    return settings.seed();
  }

  @Override
  public List<Path> inputs() {
    Stream<Path> model =
        start instanceof PretrainingStart.Model from ? Stream.of(from.model()) : Stream.empty();
    return Stream.of(corpus.stream(), heldOut.stream(), model).flatMap(paths -> paths).toList();
  }

  @Override
  public void read(
      Device device, ComputeOptions compute, TrainingListener listener, Consumer<Plan> run) {
    PretrainingFiles files = PretrainingFiles.of(corpus, heldOut, settings.mask(), listener);
    try (PretrainedModel model =
        switch (start) {
          case PretrainingStart.Fresh fresh ->
              PretrainedModel.fresh(fresh, settings, learnVocabulary(fresh, files, listener));
          case PretrainingStart.Model from -> PretrainedModel.open(from, settings, listener);
        }) {
      PretrainingText text = PretrainingText.read(files, model, settings, listener);
      run.accept(new PretrainingPlan(this, device, compute, listener, model, text));
    }
  }

  private static Tokenizer learnVocabulary(
      PretrainingStart.Fresh fresh, PretrainingFiles files, TrainingListener listener) {
    WordCounts counts = new WordCounts(!fresh.cased());
    try (CorpusLines lines = new CorpusLines(files.corpus(), files.spans())) {
      for (CorpusLines.Line line = lines.next(); line != null; line = lines.next()) {
        counts.add(line.text());
      }
      LineReader read = lines.reader();
      read.notices().forEach(listener::notice);
      listener.notice(
          "%,d lines, %,d distinct words; %,d lines with invalid UTF-8, %,d cut"
              .formatted(read.lines(), counts.distinct(), read.invalidLines(), read.cutLines()));
    }
    int asked = fresh.vocabSize();
    Alphabet alphabet = Alphabet.covering(counts, LEAST_ALPHABET, LEFT_OUT, asked / 2);
    double unspelt = alphabet.unspelt(counts);
    if (unspelt > TOLD) {
      listener.warning(
          "%.1f %% of the words become [UNK], as they have another character than the %,d most frequent: a --vocab-size above %d has room for more"
              .formatted(100 * unspelt, alphabet.characters().size(), asked));
    }
    List<String> vocabulary = WordPieceTrainer.train(counts, asked, MIN_FREQUENCY, alphabet);
    listener.notice(
        vocabulary.size() == asked
            ? "%,d word pieces learned".formatted(asked)
            : "%,d word pieces learned of the %,d that were asked for: no two others stand together %d times"
                .formatted(vocabulary.size(), asked, MIN_FREQUENCY));
    return Tokenizer.wordPiece(vocabulary, !fresh.cased());
  }
}
