package org.mirror4j.method.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertConfig.Family;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.objective.SequenceRegression;
import org.mirror4j.objective.TaskObjective;
import org.mirror4j.reference.ReferenceBatch;
import org.mirror4j.reference.ReferenceHead;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.reference.ReferenceTraining;
import org.mirror4j.support.RoundingDevice;
import org.mirror4j.support.SmallModel;
import org.mirror4j.support.StepGradients;
import org.mirror4j.task.Evaluation;
import org.mirror4j.task.Examples;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.ToyHead;
import org.mirror4j.task.ToyTask;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;

/** Loss, logits and the gradient of every parameter, of each head, against the oracle in double. */
class TaskStepTest {
  private static final int VOCABULARY = 50;
  private static final int PADDED = SmallModel.LENGTH - 1;
  private static final int MULTIPLE = 32;
  private static final int[] LENGTHS = {1, 2, 5, 17, 33};

  /**
   * A power of two changes no bit of a gradient but its exponent, and keeps those of f16 normal.
   */
  private static final float LOSS_SCALE = 0x1p10f;

  record Case(
      ToyHead head,
      Family family,
      int hidden,
      int layers,
      GeluForm form,
      int classes,
      double dropoutRate,
      DType storage,
      int threads) {
    BertConfig config() {
      return SmallModel.config(family, VOCABULARY, hidden, layers, form);
    }

    ReferenceParameters parameters() {
      return ReferenceParameters.random(
          SmallModel.reference(config()), head.layers(config(), classes), 5);
    }

    ToyTask task() {
      return ToyTask.of(head, classes);
    }

    Device device() {
      return storage == DType.F32 ? new HostDevice(threads) : new RoundingDevice(threads);
    }

    Dropout dropout() {
      Dropout dropout = new Dropout(dropoutRate, 0, 99);
      dropout.step(4);
      return dropout;
    }

    /** The same for the logits as for the loss in each softmax of the gradient. */
    double error() {
      int inner = Math.max(Arrays.stream(LENGTHS).sum(), hidden);
      return 2 * StepGradients.error(layers, inner, storage);
    }

    /** Texts of one type and of two; no token is padding. */
    PackedBatch batch() {
      Random random = new Random(7);
      int[][] texts = new int[LENGTHS.length][];
      int[][] types = new int[LENGTHS.length][];
      for (int i = 0; i < texts.length; i++) {
        texts[i] = random.ints(LENGTHS[i], 2, VOCABULARY).toArray();
        types[i] = new int[LENGTHS[i]];
        Arrays.fill(types[i], LENGTHS[i] * (i % 4) / 3, LENGTHS[i], 1);
      }
      return PackedBatch.of(texts, types, config().positions());
    }

    /** All classes; something of everything is not predicted. */
    int[] targets() {
      return switch (head) {
        case CLASSES -> new int[] {1, -1, 0, classes - 1, 1};
        case TOKENS ->
            IntStream.range(0, Arrays.stream(LENGTHS).sum())
                .map(row -> row % (classes + 1) - 1)
                .toArray();
        case ANSWERS -> new int[] {0, 0, 1, -1, -1, -1, 3, 16, 32, 5};
      };
    }

    int predictions() {
      return (int) Arrays.stream(targets()).filter(target -> target >= 0).count();
    }

    /** Of the sum of the losses, which for answers is half that of both ends. */
    double scale() {
      return 1.0 / predictions();
    }

    /** RobertaForSequenceClassification drops out what the pooler reads too. */
    ReferenceHead.Pooled pooled() {
      SequencedMap<String, Integer> layers = head.layers(config(), classes);
      return new ReferenceHead.Pooled(
          layers.firstEntry().getKey(), family == Family.ROBERTA, layers.lastEntry().getKey());
    }

    ReferenceTraining.Step expected(Dropout dropout) {
      ReferenceBatch batch = SmallModel.reference(batch());
      return switch (head) {
        case CLASSES ->
            ReferenceTraining.sequenceClassification(
                parameters(), batch, pooled(), targets(), scale(), dropout);
        case TOKENS ->
            ReferenceTraining.tokenClassification(parameters(), batch, targets(), scale(), dropout);
        case ANSWERS ->
            ReferenceTraining.answerSpan(parameters(), batch, targets(), scale() / 2, dropout);
      };
    }
  }

  static Stream<Case> cases() {
    return Stream.of(ToyHead.values())
        .flatMap(
            head ->
                Stream.of(
                    new Case(head, Family.BERT, 24, 2, GeluForm.ERF, 2, 0.1, DType.F32, 1),
                    new Case(head, Family.BERT, 36, 3, GeluForm.TANH, 7, 0.1, DType.F32, 2),
                    new Case(head, Family.BERT, 192, 2, GeluForm.ERF, 3, 0, DType.F32, 2),
                    new Case(head, Family.ROBERTA, 48, 2, GeluForm.ERF, 3, 0.1, DType.F32, 2),
                    new Case(head, Family.BERT, 48, 2, GeluForm.ERF, 7, 0.1, DType.F16, 2),
                    new Case(head, Family.ROBERTA, 24, 1, GeluForm.ERF, 2, 0.3, DType.F16, 1),
                    new Case(head, Family.BERT, 24, 1, GeluForm.TANH, 3, 0.1, DType.BF16, 2)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void lossAndGradients(Case c) {
    try (Device device = c.device()) {
      requireClose(c, gradients(c, device, c.task(), c.batch(), c.targets()));
    }
  }

  /**
   * Padding sequences change neither loss nor gradients, and a step that is replayed gives them
   * again: the same oracle, which knows of the text alone, and the same bound.
   */
  @ParameterizedTest
  @MethodSource("cases")
  void withPaddingSequences(Case c) {
    PackedBatch rounded = c.batch().rounded(MULTIPLE, PADDED, c.config().padTokenId());
    assertThat(rounded.paddingSequences()).isPositive();
    RoundingDevice device = new RoundingDevice(c.threads, MULTIPLE);
    try (device) {
      requireClose(c, gradients(c, device, c.task(), rounded, c.targets()));
    }
    assertThat(device.keys()).isEqualTo(1);
    assertThat(device.repeats()).isEqualTo(1);
  }

  /**
   * What all tokens of a sequence have in common the softmax over them does not see: the bias of
   * the ends, and what the last LayerNorm adds.
   */
  private static void requireClose(Case c, StepGradients got) {
    Map<String, String> vanishing = Map.of();
    if (c.head == ToyHead.ANSWERS) {
      assertThat(got.gradients().remove("qa_outputs.bias")).containsOnly(0f);
      String norm = "encoder.layer.%d.output.LayerNorm.".formatted(c.layers - 1);
      vanishing = Map.of(norm + "bias", norm + "weight");
    }
    got.requireCloseTo(c.expected(c.dropout()), c.error(), vanishing);
  }

  static Stream<Case> numbers() {
    return cases()
        .filter(c -> c.head == ToyHead.CLASSES)
        .map(
            c ->
                new Case(
                    c.head,
                    c.family,
                    c.hidden,
                    c.layers,
                    c.form,
                    1,
                    c.dropoutRate,
                    c.storage,
                    c.threads));
  }

  /**
   * Squared errors, with padding sequences. That of a number counts twice its distance from the
   * target, which is below 3.
   */
  @ParameterizedTest
  @MethodSource
  void numbers(Case c) {
    float[] targets = {0.5f, -1, 1.5f, 0, -0.25f};
    ReferenceTraining.Step expected =
        ReferenceTraining.sequenceRegression(
            c.parameters(),
            SmallModel.reference(c.batch()),
            c.pooled(),
            new double[] {0.5, -1, 1.5, 0, -0.25},
            c.scale(),
            c.dropout());
    PackedBatch rounded = c.batch().rounded(MULTIPLE, PADDED, c.config().padTokenId());
    try (Device device = new RoundingDevice(c.threads, MULTIPLE)) {
      gradients(c, device, new Regression(), rounded, targets)
          .requireCloseTo(expected, 3 * c.error(), Map.of());
    }
  }

  /** A task without data, for its head. */
  private record Regression() implements FineTunedTask<float[]> {
    @Override
    public Examples<float[]> training() {
      throw new AssertionError("a step asks for no data of its task");
    }

    @Override
    public Optional<Evaluation<float[]>> development() {
      return Optional.empty();
    }

    @Override
    public ParameterTable.Block[] head(BertConfig config) {
      return SequenceRegression.head(config);
    }

    @Override
    public TaskObjective<float[]> objective(
        Device device, Workspace workspace, BertModel model, Tensor gradients, BatchSize size) {
      return new SequenceRegression(device, workspace, model, gradients, size.sequences());
    }

    @Override
    public String className() {
      return "ForSequenceClassification";
    }

    @Override
    public void configure(ObjectNode config) {}
  }

  /** A batch of which nothing is to be predicted teaches nothing. */
  @ParameterizedTest
  @EnumSource
  void nothingToPredict(ToyHead head) {
    Case c = new Case(head, Family.BERT, 24, 2, GeluForm.ERF, 3, 0.1, DType.F32, 1);
    int[] none = c.targets();
    Arrays.fill(none, -1);
    try (Device device = c.device()) {
      StepGradients got = gradients(c, device, c.task(), c.batch(), none);
      assertThat(got.loss()).isZero();
      assertThat(got.gradients())
          .allSatisfy((name, values) -> assertThat(values).as(name).containsOnly(0f));
    }
  }

  /** In buffers for more than the batch has, of a content that must not matter; the second time. */
  private static <T> StepGradients gradients(
      Case c, Device device, FineTunedTask<T> task, PackedBatch packed, T targets) {
    try (Workspace workspace = new Workspace(device)) {
      BertModel model = model(c, device, workspace);
      Tensor gradients = workspace.f32("gradients", model.table().size());
      BatchSize size = BatchSize.of(packed).max(new BatchSize(150, 12, 3));
      TaskStep<T> step = new TaskStep<>(device, workspace, model, task, gradients, true, size);
      double loss = 0;
      for (int time = 0; time < 2; time++) {
        device.kernels().memory().fill(gradients, Float.NaN);
        step.upload(packed, targets);
        step.gradient(c.dropout(), (float) (c.scale() * LOSS_SCALE));
        loss = step.lossSum() * c.scale();
      }
      device.kernels().optimizer().scale(gradients, 1 / LOSS_SCALE);
      return StepGradients.download(device, model, loss, gradients);
    }
  }

  private static BertModel model(Case c, Device device, Workspace workspace) {
    return SmallModel.load(
            device, workspace, c.config(), c.parameters(), c.head.blocks(c.config(), c.classes))
        .storedAs(device, workspace, c.storage);
  }

  /** Without dropout, biases among them: their loss is the oracle's. */
  @ParameterizedTest
  @MethodSource("cases")
  void logits(Case c) {
    double expected = c.expected(Dropout.NONE).loss();
    PackedBatch packed = c.batch();
    try (Device device = c.device();
        Workspace workspace = new Workspace(device)) {
      TaskStep<int[]> step =
          new TaskStep<>(
              device,
              workspace,
              model(c, device, workspace),
              c.task(),
              null,
              false,
              new BatchSize(150, 12, 3));
      double plain = loss(c, packed, step.predict(packed));
      assertThat(plain).isCloseTo(expected, within(c.error()));
      // What comes after another batch, padded or not, is the same.
      PackedBatch rounded = packed.rounded(MULTIPLE, PADDED, c.config().padTokenId());
      assertThat(loss(c, rounded, step.predict(rounded))).isCloseTo(plain, within(c.error()));
      assertThat(loss(c, packed, step.predict(packed))).isEqualTo(plain);
    }
  }

  /** Of the targets that are asked for, as the logits have it. */
  private static double loss(Case c, PackedBatch packed, float[] logits) {
    int[] targets = c.targets();
    double sum = 0;
    for (int i = 0; i < targets.length; i++) {
      if (targets[i] >= 0) {
        sum +=
            c.head == ToyHead.ANSWERS
                ? loss(
                    logits,
                    2 * packed.cuSeqlens()[i / 2] + i % 2,
                    packed.cuSeqlens()[i / 2 + 1] - packed.cuSeqlens()[i / 2],
                    2,
                    targets[i])
                : loss(logits, i * c.classes, c.classes, 1, targets[i]);
      }
    }
    return (c.head == ToyHead.ANSWERS ? sum / 2 : sum) * c.scale();
  }

  private static double loss(float[] logits, int from, int count, int step, int target) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += Math.exp(logits[from + i * step]);
    }
    return Math.log(sum) - logits[from + target * step];
  }
}
