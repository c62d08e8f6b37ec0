package org.mirror4j.objective.coreference;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.hipparchus.distribution.continuous.ChiSquaredDistribution;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BatchTensors;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertEncoder;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.reference.ReferenceSpanRanking;
import org.mirror4j.reference.ReferenceTraining;
import org.mirror4j.support.RoundingDevice;
import org.mirror4j.support.SmallModel;
import org.mirror4j.support.StepGradients;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;

/** Loss, choices and the gradient of every parameter against the oracle in double. */
class SpanRankingTest {
  private static final int VOCABULARY = 50;

  /** A power of two changes no bit of a gradient but its exponent. */
  private static final float LOSS_SCALE = 0x1p10f;

  /** About one over the spans of a document. */
  private static final double SCALE = 0.05;

  private static final SpanRankingSize ALL_SPANS =
      new SpanRankingSize(2, 5, 11, 2, 3, 3, 500, 50, 2);

  /**
   * As the released code has them: all weights, tables of features too, as those of the encoder.
   * What n normal numbers, their sum and that of their squares are not, but with a chance of one in
   * a million at each end, follows from n alone.
   */
  @Test
  void valuesBeforeTraining() {
    BertConfig config = SmallModel.config(BertConfig.Family.BERT, VOCABULARY, 9, 1, GeluForm.ERF);
    SpanRankingSize size = new SpanRankingSize(30, 20, 40, 11, 8, 0.4, 3900, 50, 2);
    NormalDistribution normal = new NormalDistribution();
    double chance = 1e-6;
    int tables = 0;
    for (ParameterTable.Entry entry :
        ParameterTable.of(List.of(SpanRanking.head(config, size))).entries()) {
      String name = entry.name();
      float[] values = new float[(int) entry.shape().size()];
      entry.parameter().initialize(MemorySegment.ofArray(values), 5);
      if (!name.endsWith(".weight")) {
        assertThat(values).as(name).containsOnly(0f);
        continue;
      }
      tables += name.endsWith("embeddings.weight") ? 1 : 0;
      int n = values.length;
      DoubleSummaryStatistics shares =
          IntStream.range(0, n)
              .mapToDouble(i -> values[i] / config.initializerRange())
              .summaryStatistics();
      double squares =
          IntStream.range(0, n)
              .mapToDouble(i -> Math.pow(values[i] / config.initializerRange(), 2))
              .sum();
      double near = normal.inverseCumulativeProbability(Math.pow(chance, 1.0 / n));
      double far = normal.inverseCumulativeProbability(Math.pow(1 - chance, 1.0 / n));
      assertThat(shares.getMax()).as(name).isBetween(near, far);
      assertThat(-shares.getMin()).as(name).isBetween(near, far);
      double sum = Math.sqrt(n) * normal.inverseCumulativeProbability(1 - chance);
      assertThat(shares.getSum()).as(name).isBetween(-sum, sum);
      ChiSquaredDistribution ofSquares = new ChiSquaredDistribution(n);
      assertThat(squares)
          .as(name)
          .isBetween(
              ofSquares.inverseCumulativeProbability(chance),
              ofSquares.inverseCumulativeProbability(1 - chance));
    }
    assertThat(tables).isEqualTo(7);
  }

  record Case(int hidden, int[] lengths, SpanRankingSize size, double rate, DType storage) {
    BertConfig config() {
      return SmallModel.config(BertConfig.Family.BERT, VOCABULARY, hidden, 1, GeluForm.ERF);
    }

    ReferenceParameters parameters() {
      return ReferenceParameters.randomWith(
          SmallModel.reference(config()), RandomDocument.parameters(config(), size), 6);
    }

    PackedBatch batch() {
      int[][] tokens = RandomDocument.tokens(lengths, VOCABULARY, 3);
      int[][] types = Arrays.stream(tokens).map(ids -> new int[ids.length]).toArray(int[][]::new);
      return PackedBatch.of(tokens, types, config().positions());
    }

    DocumentSpans document() {
      DocumentSpans all = RandomDocument.of(lengths, size, 4);
      // In half precision those that do not cross.
      return storage == DType.F32
          ? all
          : all.select(
              IntStream.range(0, all.candidates())
                  .filter(i -> all.ends()[i] == all.starts()[i] || all.starts()[i] % 2 == 1)
                  .toArray());
    }

    /** Of the encoder, and of the head, at a step. */
    Dropout dropout(double share) {
      Dropout dropout = new Dropout(share * rate, 0, 99);
      dropout.step(4);
      return dropout;
    }

    ReferenceSpanRanking.Choice choice(Dropout dropout, Dropout head) {
      if (document().candidates() == 0) {
        return new ReferenceSpanRanking.Choice(new int[0], List.of());
      }
      return ReferenceSpanRanking.choose(
          parameters(), SmallModel.reference(batch()), document(), size, dropout, head);
    }

    ReferenceTraining.Step expected(
        ReferenceSpanRanking.Choice choice, Dropout dropout, Dropout head) {
      return ReferenceTraining.coreference(
          parameters(),
          SmallModel.reference(batch()),
          document(),
          size,
          choice,
          SCALE,
          dropout,
          head);
    }

    /**
     * The head has some twenty operations more each way than a layer has, as two layers of an
     * encoder; its logits are sums of products of vectors of which each element is off by that much
     * of it, and count as they are in each softmax of the gradient.
     */
    double error() {
      int inner = Math.max(Arrays.stream(lengths).sum(), size.vectorSize(hidden));
      return 8 * StepGradients.error(3, inner, storage);
    }
  }

  static Stream<Case> cases() {
    SpanRankingSize usual = new SpanRankingSize(4, 5, 11, 2, 3, 0.4, 50, 5, 2);
    int[] lengths = {9, 3, 17, 5};
    return Stream.of(
        new Case(24, lengths, usual, 0.3, DType.F32),
        new Case(36, lengths, usual, 0, DType.F32),
        // Once, three times; all antecedents; more spans than fit without crossing.
        new Case(24, lengths, new SpanRankingSize(4, 5, 11, 1, 1, 0.4, 50, 3, 1), 0.3, DType.F32),
        new Case(24, lengths, new SpanRankingSize(3, 8, 16, 4, 2, 0.3, 7, 50, 3), 0.3, DType.F32),
        new Case(24, lengths, new SpanRankingSize(4, 3, 9, 3, 2, 3, 500, 6, 2), 0.3, DType.F32),
        // Two spans, one, none.
        new Case(24, new int[] {6}, usual, 0.3, DType.F32),
        new Case(24, new int[] {4}, usual, 0.3, DType.F32),
        new Case(24, new int[] {2}, usual, 0.3, DType.F32),
        new Case(24, new int[] {2, 2, 2}, usual, 0.3, DType.F32),
        // All spans with all that are before them: rounding decides nothing.
        new Case(24, lengths, ALL_SPANS, 0.3, DType.F16),
        new Case(24, lengths, ALL_SPANS, 0.3, DType.BF16));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void lossAndGradients(Case c) {
    try (Device device = new RoundingDevice(2)) {
      lossAndGradients(c, device);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0", "1, 1", "4, 4", "5, 5", "7, 5", "8, 6", "15, 6", "16, 7", "31, 7", "32, 8", "63, 8",
    "64, 9", "65, 9", "1000, 9"
  })
  void distances(int spans, int bucket) {
    assertThat(SpanRankingSize.distance(spans)).isEqualTo(bucket);
  }

  /** Products that overflow; the first span has the choice of none alone, which scores 0. */
  @Test
  void scoresThatAreNotFiniteAreTold() {
    Case c = cases().findFirst().orElseThrow();
    ReferenceParameters parameters = c.parameters();
    Arrays.fill(parameters.get("coreference.coarse.weight").data, 1e38);
    try (Device device = new RoundingDevice(1);
        Workspace workspace = new Workspace(device)) {
      BertModel model =
          SmallModel.load(
              device, workspace, c.config(), parameters, SpanRanking.head(c.config(), c.size));
      float[] decisions = new Step(c, device, workspace, model, null).predict();
      assertThat(decisions).hasSizeGreaterThan(2 * SpanRanking.FIELDS);
      for (int i = 2; i < decisions.length; i += SpanRanking.FIELDS) {
        assertThat(Float.isNaN(decisions[i])).isEqualTo(i > 2);
      }
    }
  }

  /** What drives a card, on the interpreter under all checks. */
  @Test
  void onTheInterpreter() {
    SpanRankingSize size = new SpanRankingSize(3, 4, 8, 2, 2, 0.4, 9, 3, 2);
    Case c = new Case(24, new int[] {7, 3, 8}, size, 0.3, DType.F32);
    try (Device device = PtxDriver.device(CheckLevel.ALL, 1, KernelLibrary.bundled())) {
      lossAndGradients(c, device);
    }
  }

  private static void lossAndGradients(Case c, Device device) {
    Dropout dropout = c.dropout(0.5);
    Dropout head = c.dropout(1);
    ReferenceSpanRanking.Choice choice = c.choice(dropout, head);
    try (Workspace workspace = new Workspace(device)) {
      BertModel model =
          SmallModel.load(
                  device,
                  workspace,
                  c.config(),
                  c.parameters(),
                  SpanRanking.head(c.config(), c.size))
              .storedAs(device, workspace, c.storage);
      Tensor gradients = workspace.f32("gradients", model.table().size());
      Step step = new Step(c, device, workspace, model, gradients);
      double loss = 0;
      for (int time = 0; time < 2; time++) {
        device.kernels().memory().fill(gradients, Float.NaN);
        loss = step.run(dropout);
      }
      assertThat(step.kept()).isEqualTo(choice.kept());
      device.kernels().optimizer().scale(gradients, 1 / LOSS_SCALE);
      StepGradients got = StepGradients.download(device, model, loss, gradients);
      if (choice.kept().length < 2) {
        assertThat(loss).isZero();
        assertThat(got.gradients())
            .allSatisfy((name, values) -> assertThat(values).as(name).containsOnly(0f));
        return;
      }
      if (c.size.depth() == 1) {
        assertThat(got.gradients().remove("coreference.gate.weight")).containsOnly(0f);
        assertThat(got.gradients().remove("coreference.gate.bias")).containsOnly(0f);
      }
      got.requireCloseTo(c.expected(choice, dropout, head), c.error(), Map.of());
    }
  }

  /** Encoder and head as a step has them, in buffers for more than the batch has. */
  private static final class Step {
    private final Case c;
    private final BatchTensors batch;
    private final BertEncoder encoder;
    private final SpanRanking ranking;

    Step(Case c, Device device, Workspace workspace, BertModel model, Tensor gradients) {
      this.c = c;
      BatchSize size = new BatchSize(60, 5);
      batch = new BatchTensors(device, workspace, size);
      encoder =
          new BertEncoder(
              device,
              workspace,
              model,
              gradients,
              batch,
              size,
              BertEncoder.Rows.ALL,
              BertEncoder.WordGradient.OVERWRITTEN);
      ranking = new SpanRanking(device, workspace, model, c.size, c.rate, gradients, size.tokens());
    }

    double run(Dropout dropout) {
      batch.upload(c.batch());
      ranking.upload(c.batch());
      ranking.upload(c.document());
      ranking.scale((float) (SCALE * LOSS_SCALE));
      Tensor hidden = encoder.forward(dropout);
      ranking.forward(hidden, batch, dropout);
      ranking.loss();
      ranking.backward(encoder.hiddenGradient(), hidden);
      encoder.backward();
      return ranking.lossSum() * SCALE;
    }

    float[] predict() {
      batch.upload(c.batch());
      ranking.upload(c.batch());
      ranking.upload(c.document());
      ranking.forward(encoder.forward(Dropout.NONE), batch, Dropout.NONE);
      return ranking.logits();
    }

    int[] kept() {
      float[] decisions = ranking.logits();
      int[] kept = new int[decisions.length / SpanRanking.FIELDS];
      Arrays.setAll(kept, i -> (int) decisions[i * SpanRanking.FIELDS]);
      return kept;
    }
  }
}
