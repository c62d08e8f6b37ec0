package org.mirror4j.method.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.file.FileException;
import org.mirror4j.objective.MaskedBatch;
import org.mirror4j.objective.PerObjective;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.objective.PretrainingObjective;
import org.mirror4j.objective.PretrainingStep;
import org.mirror4j.optim.Clipping;
import org.mirror4j.optim.LearningRateSchedule;
import org.mirror4j.optim.Optimization;
import org.mirror4j.reference.ReferenceAdamW;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.reference.ReferenceTraining;
import org.mirror4j.support.SmallModel;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.TextException;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.text.block.TokenBlock;
import org.mirror4j.text.mask.BlockMasking;
import org.mirror4j.text.mask.MaskScheme;
import org.mirror4j.text.mask.MaskSettings;
import org.mirror4j.text.mask.MaskedTokens;
import org.mirror4j.text.mask.TokenDistribution;
import org.mirror4j.train.Fidelity;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.StepRecord;
import org.mirror4j.train.TinyRun;
import org.mirror4j.train.Trainable;
import org.mirror4j.train.TrainingListener;
import org.mirror4j.train.TrainingTask;

/** Whole runs of {@link Pretraining} on a tiny text. */
class PretrainingTest {
  private static final RunOptions NEW = new RunOptions(1000, false, false);

  @TempDir Path folder;

  static Stream<PretrainingSettings> runs() {
    PretrainingSettings mlm =
        TinyRun.pretrainingSettings(42)
            .with(
                Map.ofEntries(
                    Map.entry("steps", 10),
                    Map.entry("batchTokens", 48),
                    Map.entry("deviceTokens", 48),
                    Map.entry("warmupSteps", 4),
                    Map.entry("weightDecay", 0.1),
                    Map.entry("maxGradNorm", 0.5),
                    Map.entry("boundaryWeight", 0.7),
                    Map.entry("maskedShare", 0.3),
                    Map.entry("places", 3),
                    Map.entry("placeWidth", 5)));
    PretrainingSettings spans =
        mlm.with(
            Map.of(
                "objective",
                Objective.SPAN_SBO,
                "mask",
                MaskScheme.SPANS,
                "wholeSentences",
                true,
                "longestSpan",
                4));
    return Stream.of(
        mlm,
        // In parts, whose gradients are added up.
        spans.with(Map.of("batchTokens", 80, "deviceTokens", 33)),
        spans.with(Map.of("fidelity", Fidelity.RELEASED)),
        mlm.with(Map.of("objective", Objective.MLM_NSP, "mask", MaskScheme.WORDS)));
  }

  /**
   * Losses of ten steps with dropout, warm-up, clipping and decay of matrices alone (released: of
   * all) against the same in double, from the same fresh weights.
   */
  @ParameterizedTest
  @MethodSource("runs")
  void lossesOfTenSteps(PretrainingSettings settings) {
    Path file = TinyRun.write(folder.resolve("corpus"), TinyRun.documents(90, 9));
    boolean released = settings.fidelity() == Fidelity.RELEASED;
    LearningRateSchedule schedule =
        released
            ? LearningRateSchedule.linearOverWarmup(1e-3, 4, 10)
            : LearningRateSchedule.linear(1e-3, 4, 10);
    Pretraining method = TinyRun.pretraining(file, settings);
    try (Device device = new HostDevice(2);
        Workspace workspace = new Workspace(device);
        PretrainedModel source =
            PretrainedModel.fresh(
                new PretrainingStart.Fresh(ModelSize.TINY, 80, false),
                settings,
                Tokenizer.wordPiece(TinyRun.vocabulary(), true))) {
      PretrainingText text =
          PretrainingText.read(
              PretrainingFiles.of(
                  List.of(file), Optional.empty(), settings.mask(), TrainingListener.NONE),
              source,
              settings,
              TrainingListener.NONE);
      BertModel model = source.load(device, workspace, 1);
      ReferenceParameters parameters =
          ReferenceParameters.random(SmallModel.reference(model.config()), settings.heads(), 1);
      SmallModel.download(device, model.table(), model.parameters())
          .forEach((name, values) -> copy(values, parameters.get(name).data));
      Trainable trainable = method.trainable(device, workspace, model, 10);
      Optimization optimization = trainable.optimization(device, workspace, method.clipping());
      ReferenceParameters m = parameters.zeros();
      ReferenceParameters v = parameters.zeros();
      try (PretrainingTask task =
              new PretrainingTask(
                  device, model, trainable.gradients(), settings, true, text.batches(1), null, 10);
          PretrainingBatches batches = text.batches(1)) {
        for (int step = 1; step <= 10; step++) {
          TrainingTask.Batch prepared = task.batch(step);
          prepared.upload();
          TrainingTask.Loss loss = prepared.lossAndGradient(1);
          optimization.step(step);

          PretrainingBatches.Batch batch = batches.next();
          assertThat(prepared.size()).isEqualTo(batch.tokens());
          ReferenceParameters gradients = parameters.zeros();
          double expected = reference(parameters, gradients, batch, settings, step);
          assertThat(loss.total()).as("step %d", step).isCloseTo(expected, within(1e-5 * expected));
          clip(gradients, 0.5);
          for (String name : parameters.names()) {
            boolean decays = released || parameters.get(name).numRows > 1;
            new ReferenceAdamW(
                    released ? ReferenceAdamW.Variant.FAIRSEQ : ReferenceAdamW.Variant.PYTORCH,
                    schedule.rate(step),
                    0.9,
                    0.98,
                    1e-6,
                    decays ? 0.1 : 0)
                .step(
                    parameters.get(name).data,
                    gradients.get(name).data,
                    m.get(name).data,
                    v.get(name).data,
                    step);
          }
        }
      }
    }
  }

  /** The loss of a step, whose gradients are added to {@code gradients}. */
  private static double reference(
      ReferenceParameters parameters,
      ReferenceParameters gradients,
      PretrainingBatches.Batch batch,
      PretrainingSettings settings,
      int step) {
    double masked = 0;
    double boundary = settings.fidelity() == Fidelity.RELEASED ? 1 : 0;
    double next = 0;
    for (MaskedBatch part : batch.parts()) {
      masked += part.targets().labels().length;
      boundary += part.targets().spans().labels().length;
      next += part.targets().relations().length;
    }
    PerObjective scales =
        new PerObjective(1 / masked, boundary == 0 ? 0 : 0.7 / boundary, next == 0 ? 0 : 1 / next);
    double loss = 0;
    Dropout dropout = new Dropout(0.1, 0, 42);
    for (int part = 0; part < batch.parts().size(); part++) {
      dropout.step(step + (part << 23));
      MaskedBatch of = batch.parts().get(part);
      ReferenceTraining.Step reference =
          ReferenceTraining.pretraining(
              parameters, SmallModel.reference(of.packed()), of.targets(), scales, dropout);
      loss += reference.loss();
      for (String name : parameters.names()) {
        CommonOps_DDRM.addEquals(gradients.get(name), reference.gradients().get(name));
      }
    }
    return loss;
  }

  private static void copy(float[] from, double[] to) {
    Arrays.setAll(to, i -> from[i]);
  }

  private static void clip(ReferenceParameters gradients, double maxNorm) {
    double squares = 0;
    for (String name : gradients.names()) {
      squares += Arrays.stream(gradients.get(name).data).map(g -> g * g).sum();
    }
    double norm = Math.sqrt(squares);
    double factor = Math.min(1, maxNorm / norm);
    for (String name : gradients.names()) {
      double[] gradient = gradients.get(name).data;
      Arrays.setAll(gradient, i -> gradient[i] * factor);
    }
  }

  @Test
  void bytesDoNotDependOnThreads() throws IOException {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(120, 9));
    List<byte[]> weights = new ArrayList<>();
    for (int threads = 1; threads <= 3; threads++) {
      run(threads, corpus, "out" + threads, 42);
      weights.add(TinyRun.weights(folder.resolve("out" + threads)));
    }
    assertThat(weights.get(1)).isEqualTo(weights.get(0));
    assertThat(weights.get(2)).isEqualTo(weights.get(0));
    run(1, corpus, "other", 43);
    assertThat(TinyRun.weights(folder.resolve("other"))).isNotEqualTo(weights.get(0));
  }

  /** Blocks of one word, of which fewer fit into a step by their number than by their tokens. */
  @ParameterizedTest
  @ValueSource(ints = {64, 48})
  void aStepOfManyShortBlocks(int deviceTokens) {
    List<String> words = new ArrayList<>();
    for (String text : TinyRun.texts(60, 9)) {
      words.add(text.split(" ")[0]);
      words.add("");
    }
    Path corpus = TinyRun.write(folder.resolve("corpus"), words);
    TinyRun.Recorder heard =
        run(
            corpus,
            TinyRun.pretrainingSettings(42)
                .with(Map.of("wholeSentences", true, "deviceTokens", deviceTokens)));
    assertThat(heard.steps).hasSize(6);
    assertThat(heard.losses()).allSatisfy(loss -> assertThat(loss).isPositive());
  }

  @Test
  void textSmallerThanABatch() {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(6, 9));
    TinyRun.Recorder heard =
        run(corpus, TinyRun.pretrainingSettings(42).with(Map.of("steps", 0, "epochs", 3)));
    assertThat(heard.warnings.getFirst())
        .matches("the text has \\d+ tokens, fewer than the 64 of a step: .*");
    assertThat(heard.steps.getLast().epoch()).isGreaterThan(1);
  }

  /** The update after a good step can be too large all the same. */
  @Test
  void aHeldOutLossThatIsNotFiniteIsNamedWithItsStep() {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(120, 9));
    PretrainingSettings wild =
        TinyRun.pretrainingSettings(42)
            .with(Map.of("steps", 2, "learningRate", 1e38, "warmupSteps", 0, "heldOutSteps", 1));
    assertThatThrownBy(() -> run(corpus, wild))
        .isInstanceOf(ArithmeticException.class)
        .hasMessage("step 1: the held-out loss is NaN; lower the learning rate");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void aWarmUpThatNeverEndsIsSaid() {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(120, 9));
    TinyRun.Recorder heard =
        run(corpus, TinyRun.pretrainingSettings(42).with(Map.of("steps", 2, "warmupSteps", 300)));
    assertThat(heard.warnings)
        .containsExactly(
            "a warm-up of 300 steps is longer than the run: the learning rate rises over all of its"
                + " 2 steps and never falls");
  }

  /** What is not asked for is not read: the steps are given. */
  @Test
  void stepsOfAGivenNumberNeedNoCount() {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(120, 9));
    TinyRun.Recorder counted =
        run(corpus, TinyRun.pretrainingSettings(42).with(Map.of("steps", 0, "epochs", 2)));
    assertThat(counted.notices).anyMatch(notice -> notice.matches("\\d+ blocks, .*"));
    assertThat(counted.steps.getLast().epoch()).isEqualTo(2);
    TinyRun.Recorder given = run(1, corpus, "given", 42);
    assertThat(given.notices).noneMatch(notice -> notice.matches("\\d+ blocks, .*"));
  }

  /** A column of spans is no text: the same without it is the same, vocabulary included. */
  @Test
  void aColumnOfSpansIsNoText() throws IOException {
    List<String> texts = TinyRun.documents(120, 9);
    Path prose = TinyRun.write(folder.resolve("prose"), texts);
    List<String> annotated =
        texts.stream().map(text -> text.isEmpty() ? text : text + "\t0:2").toList();
    Path column = TinyRun.write(folder.resolve("column"), annotated);
    TinyRun.Recorder heard = new TinyRun.Recorder();
    List<byte[]> weights = new ArrayList<>();
    try (Device device = new HostDevice(1)) {
      for (Path corpus : List.of(prose, column)) {
        Path output = folder.resolve("out-" + corpus.getFileName());
        TinyRun.run(
            device,
            TinyRun.pretraining(corpus, TinyRun.pretrainingSettings(42)),
            output,
            NEW,
            heard);
        weights.add(TinyRun.weights(output));
        assertThat(Files.readString(output.resolve("vocab.txt"))).doesNotContain(":", "0", "2");
      }
    }
    assertThat(weights.get(1)).isEqualTo(weights.get(0));
    assertThat(heard.notices)
        .filteredOn(notice -> notice.contains("taken for spans"))
        .hasSize(2)
        .allMatch(notice -> notice.startsWith(column + ": "));
    assertThat(heard.notices).noneMatch(notice -> notice.startsWith("spans to mask"));
  }

  /** Tables are prose with tabs, and are learned as such. */
  @Test
  void proseWithTabsIsProse() {
    Path corpus =
        TinyRun.write(
            folder.resolve("corpus"),
            TinyRun.documents(120, 9).stream()
                .map(text -> text.isEmpty() ? text : text.replace(" .", "\t12 .\t7:30"))
                .toList());
    TinyRun.Recorder heard = run(corpus, TinyRun.pretrainingSettings(42));
    assertThat(heard.steps).hasSize(6);
    assertThat(heard.notices).anyMatch(notice -> notice.contains("tabs are taken for text"));
    assertThat(folder.resolve("out/vocab.txt")).content().contains("30", "12");
  }

  /** What can be read but once is refused before that, be it one file of several. */
  @Test
  void aPipeIsRefused() throws IOException, InterruptedException {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.documents(120, 9));
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    for (Optional<Path> heldOut : List.of(Optional.of(pipe), Optional.<Path>empty())) {
      List<Path> files = heldOut.isPresent() ? List.of(corpus) : List.of(corpus, pipe);
      assertThatThrownBy(
              () -> PretrainingFiles.of(files, heldOut, MaskScheme.TOKENS, TrainingListener.NONE))
          .isInstanceOf(TextException.class)
          .hasMessage(pipe + " is a pipe or a device, expected a file: text is read several times");
    }
  }

  /** The run says what is masked in each text, where that is annotated or a rule. */
  @Test
  void whereSpansComeFromIsSaid() {
    List<String> texts = TinyRun.documents(120, 9);
    Path held = TinyRun.write(folder.resolve("held"), texts);
    Path corpus =
        TinyRun.write(
            folder.resolve("corpus"),
            texts.stream().map(text -> text.isEmpty() ? text : text + "\t0:2").toList());
    TinyRun.Recorder heard = new TinyRun.Recorder();
    try (Device device = new HostDevice(1)) {
      TinyRun.run(
          device,
          new Pretraining(
              List.of(corpus),
              Optional.of(held),
              new PretrainingStart.Fresh(ModelSize.TINY, 80, false),
              "test",
              TinyRun.pretrainingSettings(42)
                  .with(Map.of("objective", Objective.SPAN, "mask", MaskScheme.PHRASES))),
          folder.resolve("out"),
          NEW,
          heard);
    }
    assertThat(heard.notices)
        .contains(
            "spans to mask: column", "spans to mask of the held-out text: between-function-words");
  }

  /**
   * Whole blocks leave tokens of a step empty, so there are more steps than the tokens alone would
   * fill: after the last one, less than a step is left of the epochs. Those of further epochs are
   * filled a little differently.
   */
  @ParameterizedTest
  @CsvSource({"1, 40, 40, 0", "1, 80, 33, 0", "5, 40, 40, 2"})
  void stepsOfEpochs(int epochs, int batchTokens, int deviceTokens, int differ) {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.documents(400, 9));
    TinyRun.Recorder heard =
        run(
            corpus,
            TinyRun.pretrainingSettings(42)
                .with(
                    Map.of(
                        "steps",
                        0,
                        "epochs",
                        epochs,
                        "batchTokens",
                        batchTokens,
                        "deviceTokens",
                        deviceTokens,
                        "wholeSentences",
                        true,
                        "heldOutSteps",
                        1_000_000)));
    String report =
        heard.notices.stream()
            .filter(notice -> notice.matches("[0-9,]+ blocks, .*"))
            .findFirst()
            .orElseThrow();
    int tokens =
        Integer.parseInt(
            report.replaceFirst(".* blocks, ([0-9,]+) tokens.*", "$1").replace(",", ""));
    int left = epochs * tokens - heard.steps.stream().mapToInt(StepRecord::size).sum();
    assertThat(left).isBetween(-differ * batchTokens, (1 + differ) * batchTokens);
    assertThat(heard.steps.size()).isGreaterThan(epochs * tokens / batchTokens + differ + 1);
  }

  /** The output trains on: Mirror-BERT starts from it. */
  @Test
  void outputHoldsEncoderAndHead() {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(120, 9));
    run(2, corpus, "out", 42);
    Path output = folder.resolve("out");
    ModelDirectory directory = ModelDirectory.open(output);
    BertConfig config = BertConfig.parse(directory.config());
    try (Device device = new HostDevice(1);
        Workspace workspace = new Workspace(device);
        SafeTensors weights = directory.weights()) {
      assertThat(weights.names())
          .contains("bert.embeddings.word_embeddings.weight", "cls.predictions.bias");
      BertModel model =
          BertModel.load(
              device, workspace, config, weights, PretrainingHeads.MASKED.blocks(config));
      assertThat(model.table().has("cls.predictions.bias")).isTrue();
      TinyRun.run(
          device,
          TinyRun.tuning(output, corpus, TinyRun.mirrorSettings(1, 40, 1)),
          folder.resolve("mirror"),
          NEW,
          TrainingListener.NONE);
    }
    assertThat(folder.resolve("mirror/model.safetensors")).exists();
  }

  /**
   * At a rate that does harm the first steps are better than the last; what goes on from the result
   * has the lowest loss before its first step, to the bit.
   */
  @ParameterizedTest
  @EnumSource
  void theBestIsKeptAndGoneOnWith(Objective objective) {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.documents(120, 9));
    PretrainingSettings settings =
        TinyRun.pretrainingSettings(42)
            .with(
                Map.of(
                    "objective",
                    objective,
                    "mask",
                    objective.mask(),
                    "steps",
                    8,
                    "learningRate",
                    0.2,
                    "heldOutSteps",
                    1));
    TinyRun.Recorder first = run(corpus, settings);
    StepRecord best =
        first.steps.stream()
            .max(Comparator.comparingDouble(step -> step.heldOut().orElseThrow().quality()))
            .orElseThrow();
    assertThat(best.step()).isLessThan(8);
    assertThat(first.notices)
        .anyMatch(notice -> notice.startsWith("the result is that of step " + best.step() + ","));
    TinyRun.Recorder second = new TinyRun.Recorder();
    Path output = folder.resolve("out");
    try (Device device = new HostDevice(1)) {
      TinyRun.run(
          device,
          new Pretraining(
              List.of(corpus),
              Optional.of(corpus),
              new PretrainingStart.Model(output, "out"),
              "test",
              settings.with(Map.of("steps", 1))),
          folder.resolve("second"),
          NEW,
          second);
    }
    assertThat(second.untrained).isEqualTo(best.heldOut().orElseThrow());
  }

  /** What the model lacks is begun and said, but for the head of masked language modelling. */
  @Test
  void headsOfAModel() {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.documents(120, 9));
    run(corpus, TinyRun.pretrainingSettings(42));
    PretrainingSettings spans =
        TinyRun.pretrainingSettings(42)
            .with(Map.of("objective", Objective.SPAN_SBO, "mask", MaskScheme.SPANS, "steps", 2));
    TinyRun.Recorder heard = from(folder.resolve("out"), corpus, spans, "spans");
    assertThat(heard.notices)
        .anyMatch(
            notice ->
                notice.equals(
                    "out: has no cls.pair_target_predictions.position_embeddings.weight, ...: begun"
                        + " with random weights"));
    heard = from(folder.resolve("spans"), corpus, spans, "again");
    assertThat(heard.notices).noneMatch(notice -> notice.contains("random weights"));
    Path bare = TinyRun.model(folder.resolve("bare"), TinyRun.parameters());
    assertThatThrownBy(() -> from(bare, corpus, spans, "none"))
        .isInstanceOf(FileException.class)
        .hasMessage(
            "bare: model.safetensors has no head of masked language modelling"
                + " (cls.predictions.transform.dense.weight, ...), expected a pretrained model");
  }

  /** What an objective does not train is said and written as it was, so that another goes on. */
  @Test
  void headsThatAreNotTrainedAreKept() {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.documents(120, 9));
    PretrainingSettings pairs =
        TinyRun.pretrainingSettings(42).with(Map.of("objective", Objective.MLM_NSP, "steps", 2));
    PretrainingSettings spans =
        pairs.with(Map.of("objective", Objective.SPAN_SBO, "mask", MaskScheme.SPANS));
    run(corpus, pairs);
    TinyRun.Recorder heard = from(folder.resolve("out"), corpus, spans, "spans");
    assertThat(heard.notices)
        .contains(
            "out: pooler.dense.weight, ..., cls.seq_relationship.weight, ...: kept as they are, as"
                + " the objective span+sbo does not train them");
    List<String> next =
        List.of(
            "bert.pooler.dense.weight",
            "bert.pooler.dense.bias",
            "cls.seq_relationship.weight",
            "cls.seq_relationship.bias");
    requireSameTensors("out", "spans", next);
    heard = from(folder.resolve("spans"), corpus, pairs, "pairs");
    assertThat(heard.notices)
        .noneMatch(notice -> notice.contains("random weights"))
        .contains(
            "spans: cls.pair_target_predictions.position_embeddings.weight, ...: kept as they are,"
                + " as the objective mlm+nsp does not train them");
    requireSameTensors(
        "spans",
        "pairs",
        List.of(
            "cls.pair_target_predictions.position_embeddings.weight",
            "cls.pair_target_predictions.bias"));
    assertThatThrownBy(() -> requireSameTensors("spans", "pairs", next))
        .isInstanceOf(AssertionError.class);
    heard = from(folder.resolve("pairs"), corpus, spans, "again");
    assertThat(heard.notices).noneMatch(notice -> notice.contains("random weights"));
  }

  private void requireSameTensors(String output, String other, List<String> names) {
    try (SafeTensors weights = ModelDirectory.open(folder.resolve(output)).weights();
        SafeTensors others = ModelDirectory.open(folder.resolve(other)).weights()) {
      for (String name : names) {
        assertThat(others.shape(name)).isEqualTo(weights.shape(name));
        assertThat(others.data(name)).as(name).isEqualTo(weights.data(name));
      }
    }
  }

  private TinyRun.Recorder from(
      Path model, Path corpus, PretrainingSettings settings, String output) {
    TinyRun.Recorder recorder = new TinyRun.Recorder();
    try (Device device = new HostDevice(1)) {
      TinyRun.run(
          device,
          new Pretraining(
              List.of(corpus),
              Optional.empty(),
              new PretrainingStart.Model(model, model.getFileName().toString()),
              "test",
              settings),
          folder.resolve(output),
          NEW,
          recorder);
    }
    return recorder;
  }

  @Test
  void overfitsOneBatch() {
    BertConfig config = TinyRun.config();
    BlockMasking masking =
        new BlockMasking(
            MaskSettings.of(MaskScheme.SPANS),
            id -> id % 3 == 0,
            id -> id < 5,
            4,
            TokenDistribution.of(new long[] {0, 0, 0, 0, 0, 1, 1, 1}));
    Random random = new Random(3);
    List<MaskedTokens> blocks = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      int[] ids = random.ints(22, 5, config.vocabSize()).toArray();
      ids[0] = 2;
      ids[21] = 3;
      blocks.add(masking.apply(TokenBlock.of(i, ids), 1, 0));
    }
    MaskedBatch batch = MaskedBatch.of(blocks, config.positions(), 5);
    PretrainingHeads heads =
        new PretrainingHeads(Optional.of(new PretrainingHeads.SpanBoundarySize(5, 8)), false);
    PerObjective means = batch.targets().counts().inverse();
    try (Device device = new HostDevice(2);
        Workspace workspace = new Workspace(device)) {
      BertModel model = BertModel.fresh(device, workspace, config, 1, heads.blocks(config));
      Trainable trainable =
          TinyRun.trainable(device, workspace, model, 0.01, LearningRateSchedule.constant(5e-3));
      Optimization optimization = trainable.optimization(device, workspace, Clipping.global(1));
      PretrainingStep step =
          new PretrainingStep(
              device,
              workspace,
              model,
              heads,
              trainable.gradients(),
              true,
              BatchSize.of(batch.packed()),
              new PretrainingObjective.Limits(
                  batch.targets().rows().length, batch.targets().spans().rows().length, 0));
      Dropout dropout = new Dropout(0.1, 0, 1);
      List<PerObjective> losses = new ArrayList<>();
      for (int i = 1; i <= 60; i++) {
        dropout.step(i);
        step.upload(batch, means);
        step.gradient(dropout, 1);
        losses.add(step.losses().times(means));
        optimization.step(i);
      }
      step.measure();
      PerObjective last = step.losses().times(means);
      // A fresh model gives every piece the same chance.
      double chance = Math.log(config.vocabSize());
      assertThat(losses.getFirst().masked()).isBetween(0.9 * chance, 1.1 * chance);
      assertThat(losses.getFirst().spanBoundary()).isBetween(0.9 * chance, 1.1 * chance);
      assertThat(last.masked()).isLessThan(0.3 * chance);
      assertThat(last.spanBoundary()).isLessThan(0.3 * chance);
    }
  }

  private TinyRun.Recorder run(Path corpus, PretrainingSettings settings) {
    TinyRun.Recorder recorder = new TinyRun.Recorder();
    try (Device device = new HostDevice(1)) {
      TinyRun.run(
          device, TinyRun.pretraining(corpus, settings), folder.resolve("out"), NEW, recorder);
    }
    return recorder;
  }

  private TinyRun.Recorder run(int threads, Path corpus, String output, long seed) {
    TinyRun.Recorder recorder = new TinyRun.Recorder();
    try (Device device = new HostDevice(threads)) {
      TinyRun.run(device, TinyRun.pretraining(corpus, seed), folder.resolve(output), NEW, recorder);
    }
    return recorder;
  }

  /** As the paper has it, from base on; narrower ones have larger weights. */
  @Test
  void weightsBeginAsThePapers() {
    assertThat(initializerRange(ModelSize.LARGE)).isEqualTo(0.02f);
    assertThat(initializerRange(ModelSize.BASE)).isEqualTo(0.02f);
    assertThat(initializerRange(ModelSize.MINI)).isEqualTo((float) (0.02 * Math.sqrt(3)));
  }

  private static float initializerRange(ModelSize size) {
    try (PretrainedModel model =
        PretrainedModel.fresh(
            new PretrainingStart.Fresh(size, 80, false),
            TinyRun.pretrainingSettings(1),
            Tokenizer.wordPiece(TinyRun.vocabulary(), true))) {
      return model.config().initializerRange();
    }
  }
}
