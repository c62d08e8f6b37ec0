package org.mirror4j.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertConfig.Family;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.Packing;
import org.mirror4j.bert.Pooling;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.method.mirror.MirrorStep;
import org.mirror4j.method.mirror.Recipe;
import org.mirror4j.method.mirror.TextGroups;
import org.mirror4j.objective.MaskedBatch;
import org.mirror4j.objective.PerObjective;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.objective.PretrainingObjective;
import org.mirror4j.objective.PretrainingStep;
import org.mirror4j.objective.PretrainingTargets;
import org.mirror4j.optim.LearningRateSchedule;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.reference.ReferenceTraining;
import org.mirror4j.support.RoundingDevice;
import org.mirror4j.support.SmallModel;
import org.mirror4j.support.StepGradients;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;

/** Loss and the gradient of every parameter, of whole steps, against the oracle in double. */
class TrainingStepTest {
  private static final int VOCABULARY = 50;
  private static final int PADDED = SmallModel.LENGTH - 1;

  /**
   * A power of two changes no bit of a gradient but its exponent, and keeps those of f16 normal.
   */
  private static final float LOSS_SCALE = 0x1p10f;

  private static final int[] LENGTHS = {1, 2, 5, 17, 33};
  private static final String WORDS = "embeddings.word_embeddings.weight";
  private static final String POSITIONS = "embeddings.position_embeddings.weight";

  record Case(
      Family family,
      int hidden,
      int layers,
      GeluForm form,
      Pooling pooling,
      double temperature,
      boolean duplicates,
      DType storage,
      int threads) {
    /** In f32. */
    Case(
        Family family,
        int hidden,
        int layers,
        GeluForm form,
        Pooling pooling,
        double temperature,
        boolean duplicates,
        int threads) {
      this(family, hidden, layers, form, pooling, temperature, duplicates, DType.F32, threads);
    }

    Device device() {
      return storage == DType.F32 ? new HostDevice(threads) : new RoundingDevice(threads);
    }
  }

  static Stream<Case> contrastive() {
    return Stream.of(
        new Case(Family.BERT, 24, 2, GeluForm.ERF, Pooling.CLS, 0.2, false, 1),
        new Case(Family.BERT, 48, 3, GeluForm.ERF, Pooling.MEAN, 0.04, true, 2),
        new Case(Family.BERT, 36, 2, GeluForm.TANH, Pooling.MEAN_PADDED, 0.2, false, 2),
        new Case(Family.BERT, 192, 2, GeluForm.ERF, Pooling.MEAN, 0.2, false, 2),
        new Case(Family.ROBERTA, 48, 2, GeluForm.ERF, Pooling.CLS, 0.04, true, 2),
        new Case(Family.ROBERTA, 24, 3, GeluForm.TANH, Pooling.MEAN_PADDED, 0.04, false, 1),
        new Case(Family.BERT, 48, 3, GeluForm.ERF, Pooling.FIRST_LAST_AVG, 0.2, false, 2),
        new Case(Family.ROBERTA, 36, 3, GeluForm.TANH, Pooling.LAST_2_AVG, 0.2, true, 1),
        new Case(Family.BERT, 48, 2, GeluForm.ERF, Pooling.MASK, 0.2, true, 2),
        new Case(Family.ROBERTA, 36, 1, GeluForm.ERF, Pooling.MASK, 0.04, false, DType.BF16, 1),
        new Case(Family.BERT, 36, 2, GeluForm.ERF, Pooling.MASK_MEAN, 0.2, true, 2),
        new Case(Family.BERT, 24, 1, GeluForm.ERF, Pooling.FIRST_LAST_AVG, 0.2, false, 1),
        new Case(Family.BERT, 24, 2, GeluForm.ERF, Pooling.LAST_2_AVG, 0.2, false, DType.BF16, 2),
        new Case(Family.BERT, 24, 2, GeluForm.ERF, Pooling.MEAN, 0.2, true, DType.F16, 2),
        new Case(Family.BERT, 48, 1, GeluForm.ERF, Pooling.CLS, 1, false, DType.BF16, 2));
  }

  @ParameterizedTest
  @MethodSource
  void contrastive(Case c) {
    BertConfig config = SmallModel.config(c.family, VOCABULARY, c.hidden, c.layers, c.form);
    ReferenceParameters parameters = ReferenceParameters.random(SmallModel.reference(config), 5);
    PackedBatch packed = Packing.of(views(c), config, c.pooling, PADDED, config.padTokenId());
    int items = LENGTHS.length;
    int[] groups = TextGroups.distinct(items);
    if (c.duplicates) {
      groups[3] = groups[1];
      groups[items + 3] = groups[1];
    }
    StepGradients got = contrastive(c, config, parameters, packed, groups);
    compare(got, expected(c, config, parameters, packed, groups), 1 / c.temperature, c);
  }

  /** Pairs of texts, and texts of one type beside them. */
  @ParameterizedTest
  @MethodSource("contrastive")
  void contrastiveOfPairs(Case c) {
    BertConfig config = SmallModel.config(c.family, VOCABULARY, c.hidden, c.layers, c.form);
    ReferenceParameters parameters = ReferenceParameters.random(SmallModel.reference(config), 5);
    int[][] types = new int[2 * LENGTHS.length][];
    for (int i = 0; i < types.length; i++) {
      types[i] = new int[views(c)[i].length];
      Arrays.fill(types[i], types[i].length * (i % 4) / 3, types[i].length, 1);
    }
    PackedBatch packed = PackedBatch.of(views(c), types, config.positions());
    int[] groups = TextGroups.distinct(LENGTHS.length);
    StepGradients got = contrastive(c, config, parameters, packed, groups);
    compare(got, expected(c, config, parameters, packed, groups), 1 / c.temperature, c);
  }

  private static ReferenceTraining.Step expected(
      Case c, BertConfig config, ReferenceParameters parameters, PackedBatch packed, int[] groups) {
    ReferenceTraining.Step expected =
        ReferenceTraining.contrastive(
            parameters,
            SmallModel.reference(packed),
            c.pooling,
            groups,
            (float) c.temperature,
            dropout());
    if (c.pooling == Pooling.MEAN_PADDED) {
      // No token of the text is padding, so these rows hold the gradients of padding alone, which
      // PyTorch's padding_idx drops: BERT has it for words, RoBERTa for positions too.
      clearRow(expected.gradients().get(WORDS), config.padTokenId());
      if (c.family == Family.ROBERTA) {
        clearRow(expected.gradients().get(POSITIONS), config.padTokenId());
      }
    }
    return expected;
  }

  private static StepGradients contrastive(
      Case c, BertConfig config, ReferenceParameters parameters, PackedBatch packed, int[] groups) {
    try (Device device = c.device();
        Workspace workspace = new Workspace(device)) {
      BertModel model =
          SmallModel.load(device, workspace, config, parameters)
              .storedAs(device, workspace, c.storage);
      Trainable trainable =
          TinyRun.trainable(device, workspace, model, 0, LearningRateSchedule.constant(0));
      Tensor gradients = trainable.gradients();
      fillWithNaN(device, gradients);
      MirrorStep step =
          new MirrorStep(
              device,
              workspace,
              model,
              trainable,
              settings(c.pooling, c.temperature),
              true,
              ReferenceTraining.MASK_TOKEN,
              BatchSize.of(packed));
      step.upload(packed, groups);
      double loss = step.lossAndGradient(dropout(), LOSS_SCALE);
      device.kernels().optimizer().scale(gradients, 1 / LOSS_SCALE);
      return StepGradients.download(device, model, loss, gradients);
    }
  }

  /**
   * Padding sequences change neither loss nor gradients: the same oracle, which knows of the text
   * alone, and the same bound, which is for any order of the sums.
   */
  @ParameterizedTest
  @MethodSource("contrastive")
  void contrastiveWithPaddingSequences(Case c) {
    BertConfig config = SmallModel.config(c.family, VOCABULARY, c.hidden, c.layers, c.form);
    ReferenceParameters parameters = ReferenceParameters.random(SmallModel.reference(config), 5);
    PackedBatch packed = Packing.of(views(c), config, c.pooling, PADDED, config.padTokenId());
    PackedBatch rounded = packed.rounded(64, PADDED, config.padTokenId());
    assertThat(rounded.paddingSequences()).isEqualTo(2);
    int[] groups = TextGroups.distinct(LENGTHS.length);
    StepGradients got = contrastive(c, config, parameters, rounded, groups);
    compare(got, expected(c, config, parameters, packed, groups), 1 / c.temperature, c);
  }

  /** One item has nothing to be told apart from: the loss and all gradients are 0. */
  @Test
  void oneItem() {
    Case c = new Case(Family.BERT, 24, 2, GeluForm.ERF, Pooling.CLS, 0.04, false, 1);
    BertConfig config = SmallModel.config(c.family, VOCABULARY, c.hidden, c.layers, c.form);
    ReferenceParameters parameters = ReferenceParameters.random(SmallModel.reference(config), 5);
    PackedBatch packed = PackedBatch.of(new int[][] {{3, 4, 5}, {3, 4}}, config.positions());
    StepGradients got = contrastive(c, config, parameters, packed, TextGroups.distinct(1));
    assertThat(got.loss()).isZero();
    assertThat(got.gradients())
        .allSatisfy((name, values) -> assertThat(values).as(name).containsOnly(0f));
  }

  static Stream<Case> masked() {
    return Stream.of(
        new Case(Family.BERT, 24, 2, GeluForm.ERF, null, 0, false, 1),
        new Case(Family.BERT, 36, 3, GeluForm.TANH, null, 0, false, 2),
        new Case(Family.BERT, 192, 2, GeluForm.ERF, null, 0, false, 2),
        new Case(Family.ROBERTA, 48, 2, GeluForm.ERF, null, 0, false, 2),
        new Case(Family.BERT, 48, 2, GeluForm.ERF, null, 0, false, DType.F16, 2),
        new Case(Family.BERT, 24, 1, GeluForm.TANH, null, 0, false, DType.BF16, 2));
  }

  @ParameterizedTest
  @MethodSource
  void masked(Case c) {
    BertConfig config = SmallModel.config(c.family, VOCABULARY, c.hidden, c.layers, c.form);
    ReferenceParameters parameters = ReferenceParameters.random(SmallModel.reference(config), 5);
    PackedBatch packed = PackedBatch.of(views(), config.positions());
    int[] rows = {0, 2, 5, 24, 25, 60, packed.totalTokens() - 1};
    int[] labels = {3, 49, 3, 0, 17, 8, 21};
    PretrainingTargets targets = PretrainingTargets.masked(rows, labels);
    compare(c, config, PretrainingHeads.MASKED, packed, targets);
  }

  static Stream<Case> pretraining() {
    return masked().filter(c -> c.family == Family.BERT);
  }

  /**
   * All objectives at once. A row is beside two spans, and another on both sides of targets; places
   * repeat, and one is of no target. The first row of a sequence may be asked for alone.
   */
  @ParameterizedTest
  @MethodSource
  void pretraining(Case c) {
    BertConfig config = SmallModel.config(c.family, VOCABULARY, c.hidden, c.layers, c.form);
    PackedBatch packed = PackedBatch.of(views(), config.positions());
    compare(c, config, heads(5, 7), packed, targets());
  }

  private static PretrainingTargets targets() {
    return new PretrainingTargets(
        new int[] {2, 5, 6, 24, 26, 60},
        new int[] {49, 3, 0, 17, 8, 21},
        PretrainingTargets.Spans.of(
            new int[] {4, 7, 23, 25, 27},
            new int[] {0, 0, 2, 3, 3},
            new int[] {1, 1, 3, 4, 2},
            new int[] {0, 1, 0, 0, 3},
            new int[] {3, 0, 17, 8, 8}),
        new int[] {1, 3, 8},
        new int[] {1, 0, 1});
  }

  /**
   * Padding changes neither losses nor gradients, be it of rows, of sequences or of targets: the
   * same oracle, which knows of the text alone, and the same bound.
   */
  @ParameterizedTest
  @MethodSource("pretraining")
  void pretrainingWithPadding(Case c) {
    BertConfig config = SmallModel.config(c.family, VOCABULARY, c.hidden, c.layers, c.form);
    PackedBatch packed = PackedBatch.of(views(), config.positions());
    int rows = 2 * 64;
    MaskedBatch padded =
        new MaskedBatch(
            packed.extended(rows, packed.sequences() + 2, PADDED, config.padTokenId()),
            targets().padded(new PretrainingObjective.Limits(9, 8, 7)));
    assertThat(padded.packed().totalTokens()).isEqualTo(rows);
    assertThat(padded.targets().counts()).isEqualTo(targets().counts());
    compare(c, config, heads(5, 7), packed, targets(), padded);
  }

  private static PretrainingHeads heads(int places, int width) {
    return new PretrainingHeads(
        Optional.of(new PretrainingHeads.SpanBoundarySize(places, width)), true);
  }

  /** A batch of which nothing is to be predicted teaches nothing. */
  @Test
  void nothingMasked() {
    Case c = new Case(Family.BERT, 24, 2, GeluForm.ERF, null, 0, false, 1);
    BertConfig config = SmallModel.config(c.family, VOCABULARY, c.hidden, c.layers, c.form);
    PretrainingHeads heads = heads(3, 2);
    ReferenceParameters parameters =
        ReferenceParameters.random(SmallModel.reference(config), heads, 5);
    PackedBatch packed = PackedBatch.of(new int[][] {{3, 4}}, config.positions());
    PretrainingTargets none = PretrainingTargets.masked(new int[0], new int[0]);
    StepGradients got =
        pretraining(c, config, heads, parameters, new MaskedBatch(packed, none), PerObjective.ZERO);
    assertThat(got.loss()).isZero();
    assertThat(got.gradients())
        .allSatisfy((name, values) -> assertThat(values).as(name).containsOnly(0f));
  }

  /** The weights of the objectives are no round numbers. */
  private static void compare(
      Case c,
      BertConfig config,
      PretrainingHeads heads,
      PackedBatch packed,
      PretrainingTargets targets) {
    compare(c, config, heads, packed, targets, new MaskedBatch(packed, targets));
  }

  /**
   * The same.
   *
   * @param computed packed and targets, perhaps with padding
   */
  private static void compare(
      Case c,
      BertConfig config,
      PretrainingHeads heads,
      PackedBatch packed,
      PretrainingTargets targets,
      MaskedBatch computed) {
    ReferenceParameters parameters =
        ReferenceParameters.random(SmallModel.reference(config), heads, 5);
    PerObjective scales = targets.counts().inverse().times(new PerObjective(1, 0.7, 1.3));
    ReferenceTraining.Step expected =
        ReferenceTraining.pretraining(
            parameters, SmallModel.reference(packed), targets, scales, dropout());
    StepGradients got = pretraining(c, config, heads, parameters, computed, scales);
    compare(got, expected, 1, c);
  }

  private static StepGradients pretraining(
      Case c,
      BertConfig config,
      PretrainingHeads heads,
      ReferenceParameters parameters,
      MaskedBatch batch,
      PerObjective scales) {
    try (Device device = c.device();
        Workspace workspace = new Workspace(device)) {
      BertModel model =
          SmallModel.load(device, workspace, config, parameters, heads.blocks(config))
              .storedAs(device, workspace, c.storage);
      Tensor gradients = gradients(device, workspace, model);
      // Planned for more than the batch has.
      BatchSize size = BatchSize.of(batch.packed()).max(new BatchSize(150, 12));
      PretrainingStep step =
          new PretrainingStep(
              device,
              workspace,
              model,
              heads,
              gradients,
              true,
              size,
              new PretrainingObjective.Limits(batch.targets().rows().length + 3, 9, 12));
      step.upload(batch, scales);
      step.gradient(dropout(), LOSS_SCALE);
      double loss = step.losses().times(scales).sum();
      device.kernels().optimizer().scale(gradients, 1 / LOSS_SCALE);
      return StepGradients.download(device, model, loss, gradients);
    }
  }

  /** Of a content that must not matter. */
  private static Tensor gradients(Device device, Workspace workspace, BertModel model) {
    Tensor gradients = workspace.f32("gradients", model.table().size());
    fillWithNaN(device, gradients);
    return gradients;
  }

  private static void fillWithNaN(Device device, Tensor tensor) {
    device.kernels().memory().fill(tensor, Float.NaN);
  }

  /**
   * Logits are cosines over the temperature, so there the error counts 1 / temperature times, in
   * the loss as in each softmax of the gradient.
   */
  private static void compare(
      StepGradients got, ReferenceTraining.Step expected, double steepness, Case c) {
    int inner = Math.max(2 * (1 + 2 + 5 + 17 + 33), c.hidden);
    got.requireCloseTo(
        expected, (1 + steepness) * StepGradients.error(c.layers, inner, c.storage), Map.of());
  }

  private static void clearRow(DMatrixRMaj gradient, int row) {
    for (int column = 0; column < gradient.numCols; column++) {
      gradient.set(row, column, 0);
    }
  }

  private static Dropout dropout() {
    Dropout dropout = new Dropout(0.1, 0.2, 99);
    dropout.step(4);
    return dropout;
  }

  /** With the token that the pooling looks for in each, and perhaps elsewhere. */
  private static int[][] views(Case c) {
    int[][] views = views();
    if (c.pooling.takesMask()) {
      for (int[] view : views) {
        view[view.length / 2] = ReferenceTraining.MASK_TOKEN;
      }
    }
    return views;
  }

  /** Two views of five texts, of different lengths; no token is padding. */
  private static int[][] views() {
    Random random = new Random(7);
    int items = LENGTHS.length;
    int[][] views = new int[2 * items][];
    for (int i = 0; i < items; i++) {
      views[i] = random.ints(LENGTHS[i], 2, VOCABULARY).toArray();
      views[items + i] = random.ints(LENGTHS[(i + 1) % items], 2, VOCABULARY).toArray();
    }
    return views;
  }

  private static MirrorSettings settings(Pooling pooling, double temperature) {
    return Recipe.WORD
        .settings()
        .with(
            Map.of(
                "batchSize",
                LENGTHS.length,
                "maxLength",
                PADDED,
                "temperature",
                temperature,
                "pooling",
                pooling,
                "template",
                "{} [MASK]",
                "dropheadRate",
                0.2,
                "shuffle",
                false,
                "seed",
                99));
  }
}
