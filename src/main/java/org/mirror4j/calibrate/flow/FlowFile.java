package org.mirror4j.calibrate.flow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.mirror4j.checkpoint.FloatConversion;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.checkpoint.SafeTensorsWriter;
import org.mirror4j.checkpoint.TensorEntry;
import org.mirror4j.device.Device;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.tensor.Allocator;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * {@code flow.safetensors}: the parameters of a flow in f32 under the names of its table, and under
 * {@code __metadata__} its architecture, as one JSON object.
 */
public final class FlowFile {
  /** Its name in the directory of a model. */
  public static final String NAME = "flow.safetensors";

  private static final String ARCHITECTURE = "architecture";

  private FlowFile() {}

  /**
   * Writes a flow.
   *
   * @throws FileException if a parameter is not finite
   */
  public static void write(WritableByteChannel channel, Device device, NormalizingFlow flow)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      List<TensorEntry> tensors = new ArrayList<>();
      for (ParameterTable.Entry entry : flow.table().entries()) {
        Tensor parameter = flow.table().view(flow.parameters(), entry.name());
        MemorySegment values = arena.allocate(parameter.bytes(), Allocator.ALIGNMENT);
        device.download(values, parameter);
        FloatConversion.requireFinite("trained flow", entry.name(), values);
        tensors.add(new TensorEntry(entry.name(), DType.F32, entry.shape(), values));
      }
      byte[] architecture = JsonFiles.compactBytes(JsonRecords.write(flow.architecture()));
      SafeTensorsWriter.write(
          channel, Map.of(ARCHITECTURE, new String(architecture, StandardCharsets.UTF_8)), tensors);
    }
  }

  /**
   * The architecture that a file says.
   *
   * @throws FileException if it cannot be read or says none
   */
  public static FlowArchitecture architecture(Path file) {
    try (SafeTensors tensors = SafeTensors.open(file)) {
      return architecture(tensors);
    }
  }

  private static FlowArchitecture architecture(SafeTensors tensors) {
    Map<String, String> metadata = tensors.metadata();
    Set<String> others = new TreeSet<>(metadata.keySet());
    others.removeAll(Set.of(ARCHITECTURE));
    if (!others.isEmpty()) {
      throw new FileException(
          "%s: metadata has %s, expected '%s' alone"
              .formatted(
                  tensors.file(), FileException.quote(others.iterator().next()), ARCHITECTURE));
    }
    String text = metadata.get(ARCHITECTURE);
    if (text == null) {
      throw new FileException(
          tensors.file() + ": metadata has no 'architecture', expected that of a flow");
    }
    String where = tensors.file() + ": architecture";
    ObjectNode json = JsonFiles.parseObject(text.getBytes(StandardCharsets.UTF_8), where);
    try {
      return JsonRecords.read(FlowArchitecture.class, json, where);
    } catch (IllegalArgumentException e) {
      throw new FileException(where + ": " + e.getMessage(), e);
    }
  }

  /**
   * Reads a flow.
   *
   * @throws FileException if the file cannot be read, its tensors are not those of the architecture
   *     that it says, or one is not finite; no memory has been taken for them in the former cases
   */
  public static NormalizingFlow read(Device device, Workspace workspace, Path file) {
    try (SafeTensors tensors = SafeTensors.open(file)) {
      FlowArchitecture architecture = architecture(tensors);
      ParameterTable table = NormalizingFlow.table(architecture);
      requireTensors(tensors, table);
      NormalizingFlow flow = NormalizingFlow.plan(device, workspace, architecture);
      device.kernels().memory().fill(flow.parameters(), 0);
      for (ParameterTable.Entry entry : table.entries()) {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment values = arena.allocate(4 * entry.shape().size(), Allocator.ALIGNMENT);
          if (!tensors.readFloats(entry.name(), values)) {
            FloatConversion.requireFinite(tensors.file(), entry.name(), values);
          }
          device.upload(flow.table().view(flow.parameters(), entry.name()), values);
        }
      }
      return flow;
    }
  }

  private static void requireTensors(SafeTensors tensors, ParameterTable table) {
    for (String name : tensors.names()) {
      if (!table.has(name)) {
        throw new FileException(
            "%s: tensor %s is none of a flow of its architecture"
                .formatted(tensors.file(), FileException.quote(name)));
      }
    }
    for (ParameterTable.Entry entry : table.entries()) {
      if (!tensors.has(entry.name())) {
        throw new FileException(
            "%s: no tensor %s, which a flow of its architecture has"
                .formatted(tensors.file(), entry.name()));
      }
      if (!tensors.shape(entry.name()).equals(entry.shape())) {
        throw new FileException(
            "%s: tensor %s is %s, expected %s"
                .formatted(
                    tensors.file(), entry.name(), tensors.shape(entry.name()), entry.shape()));
      }
    }
  }
}
