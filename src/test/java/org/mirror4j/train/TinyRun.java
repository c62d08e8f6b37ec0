package org.mirror4j.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntConsumer;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.bert.Pooling;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.method.mirror.FalseNegatives;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.method.mirror.MirrorTraining;
import org.mirror4j.method.pretrain.Pretraining;
import org.mirror4j.method.pretrain.PretrainingRecipe;
import org.mirror4j.method.pretrain.PretrainingSettings;
import org.mirror4j.method.pretrain.PretrainingStart;
import org.mirror4j.optim.AdamW;
import org.mirror4j.optim.BiasCorrection;
import org.mirror4j.optim.LearningRateSchedule;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.support.SmallModel;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.mask.TextSpanMask;

/** Runs that take a second: a model directory, a corpus, requests, and what is heard of a run. */
public final class TinyRun {
  public static final int HIDDEN = 24;
  public static final int MAX_LENGTH = 12;

  private static final int WORDS = 45;

  private TinyRun() {}

  /** Keeps what it hears; stops the run after a step if asked to. */
  public static final class Recorder implements TrainingListener {
    public final List<StepRecord> steps = new ArrayList<>();
    public final List<String> warnings = new ArrayList<>();
    public final List<String> notices = new ArrayList<>();
    public int stopAfter = Integer.MAX_VALUE;
    public IntConsumer atStep = step -> {};
    public ResourceEstimate estimate;
    public TrainingTask.HeldOut untrained;
    public int firstStep;
    private final int lastStep;

    public Recorder() {
      this(Integer.MAX_VALUE);
    }

    public Recorder(int lastStep) {
      this.lastStep = lastStep;
    }

    public List<Double> losses() {
      return steps.stream().map(step -> step.loss().total()).toList();
    }

    @Override
    public void notice(String message) {
      notices.add(message);
    }

    @Override
    public boolean stopRequested() {
      return steps.size() >= stopAfter;
    }

    @Override
    public void warning(String message) {
      warnings.add(message);
    }

    @Override
    public void estimate(ResourceEstimate estimate) {
      this.estimate = estimate;
    }

    @Override
    public void untrained(TrainingTask.HeldOut heldOut) {
      untrained = heldOut;
    }

    @Override
    public void started(int firstStep, int steps) {
      this.firstStep = firstStep;
    }

    @Override
    public void step(StepRecord step) {
      steps.add(step);
      atStep.accept(step.step());
      if (step.step() == lastStep) {
        throw new Killed();
      }
    }
  }

  /** A run that ends between two steps. */
  public static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  public static BertConfig config() {
    return SmallModel.config(BertConfig.Family.BERT, vocabulary().size(), HIDDEN, 2, GeluForm.ERF);
  }

  /** Special tokens and words of two letters. */
  public static List<String> vocabulary() {
    List<String> pieces = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
    for (int i = 0; i < WORDS; i++) {
      pieces.add(word(i));
    }
    return pieces;
  }

  private static String word(int i) {
    return "" + "bdfgklmnp".charAt(i % 9) + "aeiou".charAt(i / 9);
  }

  /** Texts of one to nine words. */
  public static List<String> texts(int count, long seed) {
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>();
    for (int t = 0; t < count; t++) {
      List<String> words = new ArrayList<>();
      for (int w = random.nextInt(9); w >= 0; w--) {
        words.add(word(random.nextInt(WORDS)));
      }
      texts.add(String.join(" ", words));
    }
    return texts;
  }

  /** The same, an empty line after each seven. */
  public static List<String> documents(int count, long seed) {
    List<String> lines = new ArrayList<>();
    for (String text : texts(count, seed)) {
      lines.add(text + " .");
      if (lines.size() % 8 == 7) {
        lines.add("");
      }
    }
    return lines;
  }

  public static Path write(Path file, List<String> lines) {
    try {
      return Files.write(file, lines, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a model directory of these parameters. */
  public static Path model(Path target, ReferenceParameters parameters) {
    return model(target, config(), parameters);
  }

  /** Writes a model directory of these parameters with the vocabulary of {@link #vocabulary}. */
  public static Path model(Path target, BertConfig config, ReferenceParameters parameters) {
    return SmallModel.write(target, config, parameters, vocabulary(), ModelSettings.NONE);
  }

  public static ReferenceParameters parameters() {
    return ReferenceParameters.random(SmallModel.reference(config()), 11);
  }

  /** All that is random is on. */
  public static MirrorSettings mirrorSettings(int epochs, int batchSize, long seed) {
    return new MirrorSettings(
        epochs,
        batchSize,
        0,
        1e-3,
        0.01,
        MAX_LENGTH,
        0.2,
        Optional.empty(),
        Pooling.MEAN,
        Optional.empty(),
        "",
        "",
        0.1,
        0.2,
        3,
        TextSpanMask.Unit.CHARS,
        false,
        FalseNegatives.MASK,
        true,
        0,
        true,
        false,
        10_000,
        seed);
  }

  /** Nothing is random: the losses depend on parameters and corpus alone. */
  public static MirrorSettings plainSettings(int epochs, int batchSize, double learningRate) {
    return mirrorSettings(epochs, batchSize, 1)
        .with(
            Map.of(
                "learningRate",
                learningRate,
                "dropoutRate",
                0,
                "dropheadRate",
                0,
                "randomSpanMask",
                0,
                "falseNegatives",
                FalseNegatives.KEEP,
                "shuffle",
                false));
  }

  /** The tuning of a model on a corpus. */
  public static MirrorTraining tuning(Path model, Path corpus, MirrorSettings settings) {
    return new MirrorTraining(model, model.toString(), corpus, corpus.toString(), "test", settings);
  }

  /** Six steps of the smallest named size. */
  public static Pretraining pretraining(Path corpus, long seed) {
    return pretraining(corpus, pretrainingSettings(seed));
  }

  /** Blocks of 16 tokens, four or so a step. */
  public static PretrainingSettings pretrainingSettings(long seed) {
    return PretrainingRecipe.BUNDLED
        .settings()
        .with(
            Map.of(
                "steps", 6,
                "batchTokens", 64,
                "deviceTokens", 64,
                "warmupSteps", 2,
                "maxLength", 16,
                "shuffleBlocks", 20,
                "heldOutSteps", 3,
                "seed", seed));
  }

  /** Steps of the smallest named size. */
  public static Pretraining pretraining(Path corpus, PretrainingSettings settings) {
    return new Pretraining(
        List.of(corpus),
        Optional.of(corpus),
        new PretrainingStart.Fresh(ModelSize.TINY, 80, false),
        "test",
        settings);
  }

  /** A run in f32. */
  public static void run(
      Device device, Method method, Path output, RunOptions options, TrainingListener listener) {
    run(device, method, output, ComputeOptions.DEFAULT, options, listener);
  }

  public static void run(
      Device device,
      Method method,
      Path output,
      ComputeOptions compute,
      RunOptions options,
      TrainingListener listener) {
    TrainingRun.execute(
        device, method, new RunRequest(output, DType.F32, compute, options), listener);
  }

  /** A model with the optimiser of pretraining. */
  public static Trainable trainable(
      Device device,
      Workspace workspace,
      BertModel model,
      double weightDecay,
      LearningRateSchedule schedule) {
    return Trainable.of(
        device,
        workspace,
        model.table(),
        model.parameters(),
        model.stored(),
        new AdamW.Settings(BiasCorrection.MOMENTS, 0.9, 0.98, 1e-6, weightDecay, false),
        schedule);
  }

  /** The steps in the {@code train.jsonl} of an output. */
  public static List<JsonNode> log(Path output) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    List<JsonNode> steps = new ArrayList<>();
    for (String line : Files.readAllLines(output.resolve("train.jsonl"))) {
      steps.add(mapper.readTree(line));
    }
    return steps;
  }

  public static byte[] weights(Path output) throws IOException {
    return Files.readAllBytes(output.resolve("model.safetensors"));
  }
}
