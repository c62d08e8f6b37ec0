package org.mirror4j.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.encode.Devices;
import org.mirror4j.encode.Encoding;
import org.mirror4j.encode.LoadedModel;
import org.mirror4j.encode.ModelEngine;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.train.TinyRun;

/** Models whose weights are packed only go forward, and are of one precision. */
class PackedModelTest {
  private static final List<String> TEXTS = TinyRun.texts(6, 3);

  @TempDir Path folder;

  private Path model() {
    return TinyRun.model(folder.resolve("tiny"), TinyRun.parameters());
  }

  private static void assumePacked(HostDevice device, Precision type) {
    assumeTrue(
        device.packed(type.packing()).isPresent(),
        () -> "this processor has no products with packed weights of " + type.label());
  }

  @Test
  void onlyGoForward() {
    try (HostDevice device = new HostDevice(1);
        Workspace workspace = new Workspace(device)) {
      assumePacked(device, Precision.F32);
      BertModel fresh = BertModel.fresh(device, workspace, TinyRun.config(), 1);
      BertModel packed = fresh.forwardOnly(device, workspace, Precision.F32);
      assertThat(packed.storage()).isEqualTo(DType.F32);
      Tensor gradients = workspace.f32("gradients", packed.table().size());
      BatchSize size = new BatchSize(30, 3);
      BatchTensors batch = new BatchTensors(device, workspace, size);
      assertThatThrownBy(
              () ->
                  new BertEncoder(
                      device,
                      workspace,
                      packed,
                      gradients,
                      batch,
                      size,
                      BertEncoder.Rows.ALL,
                      BertEncoder.WordGradient.OVERWRITTEN))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("weights are packed, expected none of a model that learns");
      try (Arena arena = Arena.ofConfined()) {
        assertThatThrownBy(() -> packed.tensors(device, arena, DType.F32))
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("the weights are packed, expected as they were read");
      }
    }
  }

  @Test
  void encodersAreOfOnePrecision() {
    try (HostDevice device = new HostDevice(1);
        LoadedModel loaded = new LoadedModel(device, model())) {
      assumePacked(device, Precision.INT8);
      TextEncoder.Options options = new TextEncoder.Options(Pooling.MEAN, 12, 4);
      try (TextEncoder first = loaded.encoder(options, Precision.INT8);
          TextEncoder second = loaded.encoder(options, Precision.INT8)) {
        assertThat(second.encode(TEXTS)).isDeepEqualTo(first.encode(TEXTS));
      }
      assertThatThrownBy(() -> loaded.encoder(options, Precision.F32))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the model encodes in int8, asked for in f32");
    }
  }

  /** What is refused is refused before anything is changed. */
  @Test
  void whatTheDeviceCannotLeavesTheModelAsItIs() {
    try (HostDevice device = new HostDevice(1);
        LoadedModel loaded = new LoadedModel(device, model())) {
      TextEncoder.Options options = new TextEncoder.Options(Pooling.MEAN, 12, 4);
      String packed = device.packed(DType.INT8).isPresent() ? " or int8" : "";
      assertThatThrownBy(() -> loaded.encoder(options, Precision.F16))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("--precision f16: the device cpu computes in f32")
          .hasMessageEndingWith(packed);
      try (TextEncoder encoder = loaded.encoder(options, Precision.F32)) {
        assertThat(encoder.encode(TEXTS)).hasNumberOfRows(TEXTS.size());
      }
    }
  }

  /** Another device reads the packed weights that one has published. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16", "INT8"})
  void enginesShareThem(Precision type) {
    HostDevice device = new HostDevice(1);
    if (device.packed(type.packing()).isEmpty()) {
      device.close();
      assumeTrue(false, "this processor does not multiply " + type.label());
    }
    Encoding encoding = new Encoding(Optional.of(Pooling.MEAN), OptionalInt.of(12), 4, type);
    Devices.Opened opened = new Devices.Opened(device, device.name());
    try (ModelEngine engine = ModelEngine.load(opened, model(), "tiny", encoding);
        ModelEngine beside = engine.beside(2)) {
      assertThat(beside.encode(TEXTS).vectors()).isDeepEqualTo(engine.encode(TEXTS).vectors());
    }
  }
}
