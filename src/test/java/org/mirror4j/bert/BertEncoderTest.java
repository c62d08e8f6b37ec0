package org.mirror4j.bert;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mirror4j.device.Device;
import org.mirror4j.device.Dropout;
import org.mirror4j.device.GeluForm;
import org.mirror4j.device.Pooling;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.reference.ReferenceEncoder;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.reference.Tape;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.support.SmallModel;
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
        TextEncoder.pack(
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
      float[] got = encode(config, parameters, packed, dropout, 2, false);
      // Errors of k operations in sequence, each sqrt(n) roundings of the size of its result, add
      // up to sqrt(k n) u; LayerNorm brings the size back to about 1 to 5 at the end of a layer.
      int operations = 10 * c.layers + 2;
      double bound = 5 * Math.sqrt(operations * c.hidden) * DeviceBuffers.U;
      DeviceBuffers.assertWithin(c + " " + dropout.threshold(), got, expected, bound);
      assertThat(encode(config, parameters, packed, dropout, 1, false)).isEqualTo(got);
      assertThat(encode(config, parameters, packed, dropout, 3, true)).isEqualTo(got);
    }
  }

  /** Buffers planned for a large batch serve a smaller one after it. */
  @Test
  void smallerBatchAfterALargerOne() {
    BertConfig config = SmallModel.config(BertConfig.Family.BERT, 50, 24, 2, GeluForm.ERF);
    ReferenceParameters parameters = ReferenceParameters.random(SmallModel.reference(config), 2);
    PackedBatch large = PackedBatch.of(sequences(), PackedBatch.Positions.BERT);
    PackedBatch small = PackedBatch.of(new int[][] {{7, 8, 9}}, PackedBatch.Positions.BERT);
    try (Device device = new HostDevice(1);
        Workspace workspace = new Workspace(device)) {
      BatchSize size = BatchSize.of(large);
      BatchTensors batch = new BatchTensors(device, workspace, size);
      BertModel model = SmallModel.load(device, workspace, config, false, parameters);
      BertEncoder encoder = new BertEncoder(device.kernels(), workspace, model, null, batch, size);
      List<float[]> hidden = new ArrayList<>();
      for (PackedBatch packed : List.of(small, large, small)) {
        batch.upload(packed);
        hidden.add(download(device, encoder.forward(Dropout.NONE)));
      }
      assertThat(hidden.get(0)).hasSize(3 * 24).isEqualTo(hidden.get(2));
      assertThat(hidden.get(1)).hasSize(58 * 24);
    }
  }

  /** With {@code training} the encoder keeps all layers and has gradients. */
  private static float[] encode(
      BertConfig config,
      ReferenceParameters parameters,
      PackedBatch packed,
      Dropout dropout,
      int threads,
      boolean training) {
    try (Device device = new HostDevice(threads);
        Workspace workspace = new Workspace(device)) {
      BertModel model = SmallModel.load(device, workspace, config, false, parameters);
      BatchSize size = BatchSize.of(packed);
      BatchTensors batch = new BatchTensors(device, workspace, size);
      BertParameters gradients =
          training
              ? BertParameters.of(
                  config, model.table(), workspace.f32("gradients", model.table().size()))
              : null;
      BertEncoder encoder =
          new BertEncoder(device.kernels(), workspace, model, gradients, batch, size);
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
