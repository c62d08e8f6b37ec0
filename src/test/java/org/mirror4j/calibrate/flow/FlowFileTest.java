package org.mirror4j.calibrate.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.checkpoint.SafeTensorsWriter;
import org.mirror4j.checkpoint.TensorEntry;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

class FlowFileTest {
  private static final FlowArchitecture ARCHITECTURE =
      new FlowArchitecture(8, 2, 1, 3, FlowCoupling.AFFINE, FlowPermutation.REVERSE);
  private static final String METADATA =
      "{\"channels\":8,\"levels\":2,\"depth\":1,\"width\":3,"
          + "\"coupling\":\"affine\",\"permutation\":\"reverse\"}";

  @TempDir Path folder;
  private Device device;
  private Path file;

  @BeforeEach
  void open() {
    device = new HostDevice(1);
    file = folder.resolve(FlowFile.NAME);
  }

  @AfterEach
  void close() {
    device.close();
  }

  private FileChannel channel() throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  @ParameterizedTest
  @EnumSource
  void readsWhatItWrote(FlowPermutation permutation) throws IOException {
    FlowArchitecture architecture =
        new FlowArchitecture(8, 2, 1, 3, FlowCoupling.AFFINE, permutation);
    try (FlowFixture fixture = new FlowFixture(device, architecture).drawn(1);
        Workspace workspace = new Workspace(device)) {
      try (FileChannel channel = channel()) {
        FlowFile.write(channel, device, fixture.flow);
      }
      assertThat(FlowFile.architecture(file)).isEqualTo(architecture);
      NormalizingFlow read = FlowFile.read(device, workspace, file);
      assertThat(read.architecture()).isEqualTo(architecture);
      Tensor vectors = fixture.vectors(FlowFixture.drawVectors(5, 8, 2));
      assertThat(fixture.values(new FlowPass(device, workspace, read, 5).forward(vectors)))
          .isEqualTo(
              fixture.values(new FlowPass(device, workspace, fixture.flow, 5).forward(vectors)));
      for (ParameterTable.Entry entry : read.table().entries()) {
        assertThat(fixture.values(read.table().view(read.parameters(), entry.name())))
            .as(entry.name())
            .isEqualTo(
                fixture.values(fixture.flow.table().view(fixture.flow.parameters(), entry.name())));
      }
    }
  }

  @Test
  void refusesOtherArchitecturesByName() throws IOException {
    refused(Map.of(), tensors(1), "metadata has no 'architecture', expected that of a flow");
    refused(
        metadata(METADATA.replace("reverse", "random")),
        tensors(1),
        "architecture: 'permutation' is \"random\", expected reverse or plu");
    refused(
        metadata(METADATA.replace("\"levels\":2", "\"levels\":4")),
        tensors(1),
        "architecture: a flow of 4 levels over vectors of 8 values: expected a multiple of 16");
    refused(
        metadata(METADATA.replace("}", ",\"squeeze\":2}")),
        tensors(1),
        "architecture: unknown key 'squeeze'");
    refused(
        metadata(METADATA.replace("\"depth\":1", "\"depth\":1000000000")),
        tensors(1),
        "architecture: depth of a flow is 1000000000, expected 1 to 256");
    refused(
        Map.of("architecture", METADATA, "prior", "learned"),
        tensors(1),
        "metadata has 'prior', expected 'architecture' alone");
  }

  @Test
  void refusesOtherTensorsByName() throws IOException {
    List<TensorEntry> fewer = tensors(1);
    String name = fewer.removeLast().name();
    refused(
        metadata(METADATA), fewer, "no tensor " + name + ", which a flow of its architecture has");
    List<TensorEntry> more = tensors(1);
    more.add(entry("prior.mean", Shape.of(8), 1));
    refused(metadata(METADATA), more, "tensor 'prior.mean' is none of a flow of its architecture");
    List<TensorEntry> other = tensors(1);
    other.set(0, entry(other.getFirst().name(), Shape.of(7), 1));
    refused(
        metadata(METADATA), other, "tensor " + other.getFirst().name() + " is [7], expected [8]");
    refused(metadata(METADATA), tensors(Float.NaN), "is NaN, expected a finite number");
  }

  private static Map<String, String> metadata(String architecture) {
    return Map.of("architecture", architecture);
  }

  private static List<TensorEntry> tensors(float value) {
    List<TensorEntry> tensors = new ArrayList<>();
    for (ParameterTable.Entry entry : NormalizingFlow.table(ARCHITECTURE).entries()) {
      tensors.add(entry(entry.name(), entry.shape(), value));
    }
    return tensors;
  }

  private static TensorEntry entry(String name, Shape shape, float value) {
    MemorySegment values = Arena.ofAuto().allocate(4 * shape.size(), 4);
    for (long i = 0; i < shape.size(); i++) {
      values.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
    }
    return new TensorEntry(name, DType.F32, shape, values);
  }

  private void refused(Map<String, String> metadata, List<TensorEntry> tensors, String message)
      throws IOException {
    try (FileChannel channel = channel()) {
      SafeTensorsWriter.write(channel, metadata, tensors);
    }
    try (Workspace workspace = new Workspace(device)) {
      assertThatThrownBy(() -> FlowFile.read(device, workspace, file))
          .isInstanceOf(FileException.class)
          .hasMessageStartingWith(file + ": ")
          .hasMessageContaining(message);
      assertThat(workspace.bytes() > 0).isEqualTo(message.contains("finite"));
    }
    Files.delete(file);
  }
}
