package org.mirror4j.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.reference.ReferenceEncoder;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.reference.ReferencePooling;
import org.mirror4j.reference.Tape;
import org.mirror4j.reference.Variable;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.support.SmallModel;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;

/** Vectors of each pooling, and all gradients, against the oracle in double. */
class PooledEncoderTest {
  private static final int[] LENGTHS = {17, 1, 33, 2, 5};
  private static final int HIDDEN = 24, LAYERS = 3, MASK = 3, PADDED = 35;

  private final BertConfig config =
      SmallModel.config(BertConfig.Family.BERT, 50, HIDDEN, LAYERS, GeluForm.ERF);

  private final ReferenceParameters parameters =
      ReferenceParameters.random(SmallModel.reference(config), 2);

  static Stream<Arguments> cases() {
    return Arrays.stream(Pooling.values())
        .flatMap(pooling -> Stream.of(Arguments.of(pooling, false), Arguments.of(pooling, true)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void vectorsAndGradients(Pooling pooling, boolean interpreter) {
    PackedBatch packed = Packing.of(sequences(), config, pooling, PADDED, config.padTokenId());
    Random random = new Random(9);
    float[] dPooled = new float[LENGTHS.length * HIDDEN];
    for (int i = 0; i < dPooled.length; i++) {
      dPooled[i] = (float) random.nextGaussian();
    }
    Dropout dropout = new Dropout(0.1, 0.2, 77);
    dropout.step(3);

    Tape tape = new Tape();
    ReferenceParameters expected = ReferenceParameters.zeros(parameters.config());
    Variable vectors =
        ReferencePooling.encode(
            tape,
            new ReferenceEncoder(tape, parameters, expected, dropout),
            SmallModel.reference(packed),
            pooling,
            MASK);
    // The sum of all elements of the product with the gradient.
    DMatrixRMaj gradient = new DMatrixRMaj(LENGTHS.length, HIDDEN);
    gradient.data = DeviceBuffers.doubles(dPooled);
    DMatrixRMaj ones = new DMatrixRMaj(HIDDEN, 1);
    ones.fill(LENGTHS.length);
    tape.backward(
        tape.meanOfRows(tape.multiply(tape.scaleElements(vectors, gradient), Variable.of(ones))));
    if (pooling == Pooling.MEAN_PADDED) {
      // The embedding of padding is never changed.
      DMatrixRMaj words = expected.get("embeddings.word_embeddings.weight");
      Arrays.fill(words.data, 0, HIDDEN, 0);
    }

    try (Device device = interpreter ? interpreter() : new HostDevice(2);
        Workspace workspace = new Workspace(device)) {
      BertModel model = SmallModel.load(device, workspace, config, parameters);
      Tensor flat = workspace.f32("gradients", model.table().size());
      device.kernels().memory().fill(flat, Float.NaN);
      BatchSize size = BatchSize.of(packed).max(new BatchSize(200, 7));
      BatchTensors batch = batch(device, workspace, size, pooling);
      PooledEncoder encoder =
          new PooledEncoder(device, workspace, model, flat, batch, size, pooling);
      batch.upload(packed);
      float[] got = new float[dPooled.length];
      device.download(got, encoder.forward(dropout));
      // As BertEncoderTest: k operations in sequence leave sqrt(k n) u of hidden states of size 1
      // to 5; a mean of them is off by no more.
      double bound = 5 * Math.sqrt((10 * LAYERS + 2) * HIDDEN) * DeviceBuffers.U;
      DeviceBuffers.assertWithin(pooling + "", got, vectors.value().data, bound);
      assertThat(got).isEqualTo(forward(pooling, packed, dropout, interpreter));

      device.upload(encoder.gradient(), dPooled);
      encoder.backward();
      // As TrainingStepTest: both ways, sums over the rows of all texts.
      double relative =
          2 * Math.sqrt((20.0 * LAYERS + 10) * packed.totalTokens()) * DeviceBuffers.U;
      Map<String, float[]> gradients = SmallModel.download(device, model.table(), flat);
      gradients.forEach(
          (name, values) ->
              DeviceBuffers.assertWithin(
                  name, values, expected.get(name).data, relative * scale(expected, name)));
    }
  }

  /** An encoder without gradients gives the same bits: what layers share does not matter. */
  private float[] forward(
      Pooling pooling, PackedBatch packed, Dropout dropout, boolean interpreter) {
    try (Device device = interpreter ? interpreter() : new HostDevice(2);
        Workspace workspace = new Workspace(device)) {
      BertModel model = SmallModel.load(device, workspace, config, parameters);
      BatchSize size = BatchSize.of(packed);
      BatchTensors batch = batch(device, workspace, size, pooling);
      PooledEncoder encoder =
          new PooledEncoder(device, workspace, model, null, batch, size, pooling);
      batch.upload(packed);
      float[] vectors = new float[packed.sequences() * HIDDEN];
      device.download(vectors, encoder.forward(dropout));
      return vectors;
    }
  }

  private static Device interpreter() {
    return PtxDriver.device(CheckLevel.ALL, 2, KernelLibrary.bundled());
  }

  private static BatchTensors batch(
      Device device, Workspace workspace, BatchSize size, Pooling pooling) {
    return pooling.takesMask()
        ? new BatchTensors(device, workspace, size, OptionalInt.of(MASK))
        : new BatchTensors(device, workspace, size);
  }

  /** The gradient of a key's bias is 0, a sum of terms as large as those of the query's bias. */
  private static double scale(ReferenceParameters gradients, String name) {
    double[] values = gradients.get(name.replace("self.key.bias", "self.query.bias")).data;
    return Arrays.stream(values).map(Math::abs).max().orElseThrow();
  }

  /** Only what averages takes memory for it: for each text one more vector, of a mask row two. */
  @ParameterizedTest
  @EnumSource
  void memoryIsThatOfOneLayer(Pooling pooling) {
    try (Device device = new HostDevice(1);
        Workspace one = Workspace.counting();
        Workspace other = Workspace.counting()) {
      BatchSize size = new BatchSize(400, 64);
      plan(device, one, size, pooling.takesOneRow() ? Pooling.CLS : Pooling.MEAN);
      plan(device, other, size, pooling);
      int more = pooling == Pooling.MASK_MEAN ? 2 : pooling.layers(LAYERS).length - 1;
      assertThat(other.bytes() - one.bytes()).isEqualTo(more * 4L * 64 * HIDDEN);
    }
  }

  private void plan(Device device, Workspace workspace, BatchSize size, Pooling pooling) {
    BertModel model = BertModel.plan(workspace, config);
    BatchTensors batch = new BatchTensors(device, workspace, size);
    new PooledEncoder(device, workspace, model, null, batch, size, pooling);
  }

  @Test
  void layers() {
    assertThat(Pooling.MEAN.layers(12)).containsExactly(11);
    assertThat(Pooling.FIRST_LAST_AVG.layers(12)).containsExactly(0, 11);
    assertThat(Pooling.FIRST_LAST_AVG.layers(1)).containsExactly(0);
    assertThat(Pooling.LAST_2_AVG.layers(12)).containsExactly(10, 11);
    assertThatThrownBy(() -> Pooling.LAST_2_AVG.layers(1))
        .hasMessage("pooling last-2-avg takes 2 layers, and the model has 1");
    assertThatThrownBy(() -> Pooling.of("max"))
        .hasMessage(
            "pooling is 'max', expected one of cls, mean, mean-padded, first-last-avg, last-2-avg,"
                + " mask, mask-mean");
  }

  @Test
  void aTextWithoutTheTokenIsRefused() {
    PackedBatch packed =
        PackedBatch.of(new int[][] {{MASK, 7, MASK, 8}, {9}}, PackedBatch.Positions.BERT);
    assertThatThrownBy(() -> lastRows(packed))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sequence 1 has no token 3, expected one whose row stands for it");
    PackedBatch both =
        PackedBatch.padded(
            new int[][] {{MASK, 7, MASK, 8}, {9, MASK}}, PackedBatch.Positions.BERT, 6, MASK);
    assertThat(lastRows(both)).containsExactly(2, 7);
    assertThat(lastRows(both.rounded(8, 6, MASK))).containsExactly(2, 7);
  }

  private static int[] lastRows(PackedBatch batch) {
    int[] rows = new int[batch.sequences()];
    batch.lastRows(MASK, rows);
    return rows;
  }

  /** Each holds the mask token, some twice. */
  private static int[][] sequences() {
    Random random = new Random(6);
    int[][] sequences = new int[LENGTHS.length][];
    for (int s = 0; s < sequences.length; s++) {
      sequences[s] = random.ints(LENGTHS[s], MASK + 1, 50).toArray();
      sequences[s][random.nextInt(LENGTHS[s])] = MASK;
      sequences[s][LENGTHS[s] / 2] = MASK;
    }
    return sequences;
  }
}
