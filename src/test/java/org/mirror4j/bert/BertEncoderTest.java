package org.mirror4j.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.mirror4j.bert.BertEncoder.WordGradient.OVERWRITTEN;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.mirror4j.bert.BertEncoder.Rows;
import org.mirror4j.bert.BertEncoder.WordGradient;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.reference.ReferenceEncoder;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.reference.Tape;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.support.SmallModel;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;

/** Hidden states against the oracle in double. */
class BertEncoderTest {
  private static final int[] LENGTHS = {17, 1, 33, 2, 5};

  record Case(BertConfig.Family family, int hidden, int layers, GeluForm form, boolean padded) {}

  static Stream<Case> hiddenStates() {
    return Stream.of(
        new Case(BertConfig.Family.BERT, 24, 2, GeluForm.ERF, false),
        new Case(BertConfig.Family.BERT, 48, 3, GeluForm.TANH, true),
        new Case(BertConfig.Family.ROBERTA, 36, 2, GeluForm.ERF, true),
        new Case(BertConfig.Family.ROBERTA, 192, 3, GeluForm.ERF, false));
  }

  @ParameterizedTest
  @MethodSource
  void hiddenStates(Case c) {
    BertConfig config = SmallModel.config(c.family, 50, c.hidden, c.layers, c.form);
    ReferenceParameters parameters = ReferenceParameters.random(SmallModel.reference(config), 2);
    PackedBatch packed =
        Packing.of(
            sequences(),
            config,
            c.padded ? Pooling.MEAN_PADDED : Pooling.MEAN,
            SmallModel.LENGTH - 1,
            config.padTokenId());
    for (Dropout dropout : List.of(Dropout.NONE, new Dropout(0.1, 0.2, 77))) {
      dropout.step(3);
      Tape tape = new Tape();
      double[] expected =
          tape.stackRows(
                  new ReferenceEncoder(
                          tape, parameters, ReferenceParameters.zeros(parameters.config()), dropout)
                      .encode(SmallModel.reference(packed)))
              .value()
              .data;
      float[] got = encode(config, parameters, packed, Rows.ALL, dropout, 2, false);
      DeviceBuffers.assertWithin(c + " " + dropout.threshold(), got, expected, bound(c));
      assertThat(encode(config, parameters, packed, Rows.ALL, dropout, 1, false)).isEqualTo(got);
      assertThat(encode(config, parameters, packed, Rows.ALL, dropout, 3, true)).isEqualTo(got);
    }
  }

  /**
   * Errors of k operations in sequence, each sqrt(n) roundings of the size of its result, add up to
   * sqrt(k n) u; LayerNorm brings the size back to about 1 to 5 at the end of a layer.
   */
  private static double bound(Case c) {
    int operations = 10 * c.layers + 2;
    return 5 * Math.sqrt(operations * c.hidden) * DeviceBuffers.U;
  }

  /**
   * Against the oracle with dropout; without it the same as among all rows, as no kernel mixes rows
   * but attention, up to the order in which few rows are summed.
   */
  @ParameterizedTest
  @MethodSource("hiddenStates")
  void firstRows(Case c) {
    BertConfig config = SmallModel.config(c.family, 50, c.hidden, c.layers, c.form);
    ReferenceParameters parameters = ReferenceParameters.random(SmallModel.reference(config), 2);
    PackedBatch packed = PackedBatch.of(sequences(), config.positions());
    Dropout dropout = new Dropout(0.1, 0.2, 77);
    dropout.step(3);
    Tape tape = new Tape();
    double[] expected =
        tape.stackRows(
                new ReferenceEncoder(
                        tape, parameters, ReferenceParameters.zeros(parameters.config()), dropout)
                    .encodeFirstRows(SmallModel.reference(packed)))
            .value()
            .data;
    float[] got = encode(config, parameters, packed, Rows.ONE, dropout, 2, false);
    DeviceBuffers.assertWithin(c.toString(), got, expected, bound(c));
    assertThat(encode(config, parameters, packed, Rows.ONE, dropout, 3, true)).isEqualTo(got);

    float[] all = encode(config, parameters, packed, Rows.ALL, Dropout.NONE, 2, false);
    float[] first = new float[got.length];
    for (int s = 0; s < packed.sequences(); s++) {
      System.arraycopy(all, packed.cuSeqlens()[s] * c.hidden, first, s * c.hidden, c.hidden);
    }
    float[] alone = encode(config, parameters, packed, Rows.ONE, Dropout.NONE, 2, false);
    DeviceBuffers.assertWithin(c + " alone", alone, DeviceBuffers.doubles(first), 2 * bound(c));
  }

  /** Buffers planned for a large batch serve a smaller one after it. */
  @ParameterizedTest
  @EnumSource
  void smallerBatchAfterALargerOne(Rows rows) {
    BertConfig config = SmallModel.config(BertConfig.Family.BERT, 50, 24, 2, GeluForm.ERF);
    ReferenceParameters parameters = ReferenceParameters.random(SmallModel.reference(config), 2);
    PackedBatch large = PackedBatch.of(sequences(), PackedBatch.Positions.BERT);
    PackedBatch small = PackedBatch.of(new int[][] {{7, 8, 9}}, PackedBatch.Positions.BERT);
    try (Device device = new HostDevice(1);
        Workspace workspace = new Workspace(device)) {
      BatchSize size = BatchSize.of(large);
      BatchTensors batch = new BatchTensors(device, workspace, size);
      BertModel model = SmallModel.load(device, workspace, config, parameters);
      BertEncoder encoder =
          new BertEncoder(device, workspace, model, null, batch, size, rows, OVERWRITTEN);
      List<float[]> hidden = new ArrayList<>();
      for (PackedBatch packed : List.of(small, large, small)) {
        batch.upload(packed);
        hidden.add(download(device, encoder.forward(Dropout.NONE)));
      }
      assertThat(hidden.get(0)).hasSize((rows == Rows.ALL ? 3 : 1) * 24).isEqualTo(hidden.get(2));
      assertThat(hidden.get(1)).hasSize((rows == Rows.ALL ? 58 : 5) * 24);
    }
  }

  /** What is computed again in the backward pass has the bits of the forward pass. */
  @ParameterizedTest
  @EnumSource
  void recomputing(Rows rows) {
    try (Device device = new HostDevice(2)) {
      assertThat(device.recomputes(DType.F32)).isTrue();
      assertThat(gradients(device, rows)).isEqualTo(gradients(keeping(device), rows));
    }
  }

  private static Device keeping(Device device) {
    return (Device)
        Proxy.newProxyInstance(
            Device.class.getClassLoader(),
            new Class<?>[] {Device.class},
            (proxy, method, arguments) ->
                method.getName().equals("recomputes") ? false : method.invoke(device, arguments));
  }

  /** What is there of the gradient of the word embeddings is kept, and all others are the same. */
  @ParameterizedTest
  @EnumSource
  void wordGradientIsAddedTo(Rows rows) {
    try (Device device = new HostDevice(1)) {
      float[] alone = gradients(device, rows, OVERWRITTEN, Float.NaN);
      float[] shared = gradients(device, rows, WordGradient.ADDED_TO, 1);
      int words = 50 * 24;
      for (int i = 0; i < words; i++) {
        // A word has fewer than 16 rows, and their sums stay below 16: a rounding of that size
        // each.
        assertThat((double) shared[i] - 1).isCloseTo(alone[i], within(16 * 16 * DeviceBuffers.U));
      }
      assertThat(Arrays.copyOfRange(shared, words, shared.length))
          .isEqualTo(Arrays.copyOfRange(alone, words, alone.length));
    }
  }

  private static float[] gradients(Device device, Rows rows) {
    return gradients(device, rows, OVERWRITTEN, Float.NaN);
  }

  /**
   * All gradients.
   *
   * @param words what that of the word embeddings is filled with before
   */
  private static float[] gradients(
      Device device, Rows rows, WordGradient wordGradient, float words) {
    BertConfig config = SmallModel.config(BertConfig.Family.BERT, 50, 24, 3, GeluForm.ERF);
    ReferenceParameters parameters = ReferenceParameters.random(SmallModel.reference(config), 2);
    PackedBatch packed = PackedBatch.of(sequences(), PackedBatch.Positions.BERT);
    Dropout dropout = new Dropout(0.1, 0.2, 77);
    dropout.step(3);
    try (Workspace workspace = new Workspace(device)) {
      BertModel model = SmallModel.load(device, workspace, config, parameters);
      BatchSize size = BatchSize.of(packed);
      BatchTensors batch = new BatchTensors(device, workspace, size);
      Tensor flat = workspace.f32("gradients", model.table().size());
      device.kernels().memory().fill(flat, Float.NaN);
      BertEncoder encoder =
          new BertEncoder(device, workspace, model, flat, batch, size, rows, wordGradient);
      batch.upload(packed);
      device.kernels().memory().copy(encoder.hiddenGradient(), encoder.forward(dropout));
      if (wordGradient == WordGradient.ADDED_TO) {
        device.kernels().memory().fill(model.table().view(flat, BertModel.WORDS), words);
      }
      encoder.backward();
      return download(device, flat);
    }
  }

  /** With {@code training} the encoder keeps all layers and has gradients. */
  private static float[] encode(
      BertConfig config,
      ReferenceParameters parameters,
      PackedBatch packed,
      Rows rows,
      Dropout dropout,
      int threads,
      boolean training) {
    try (Device device = new HostDevice(threads);
        Workspace workspace = new Workspace(device)) {
      BertModel model = SmallModel.load(device, workspace, config, parameters);
      BatchSize size = BatchSize.of(packed);
      BatchTensors batch = new BatchTensors(device, workspace, size);
      Tensor gradients = training ? workspace.f32("gradients", model.table().size()) : null;
      BertEncoder encoder =
          new BertEncoder(device, workspace, model, gradients, batch, size, rows, OVERWRITTEN);
      batch.upload(packed);
      return download(device, encoder.forward(dropout));
    }
  }

  private static float[] download(Device device, Tensor tensor) {
    float[] values = new float[(int) tensor.size()];
    device.download(values, tensor);
    return values;
  }

  private static int[][] sequences() {
    Random random = new Random(6);
    int[][] sequences = new int[LENGTHS.length][];
    for (int s = 0; s < sequences.length; s++) {
      sequences[s] = random.ints(LENGTHS[s], 2, 50).toArray();
    }
    return sequences;
  }
}
