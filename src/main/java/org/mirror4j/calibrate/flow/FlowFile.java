package org.mirror4j.calibrate.flow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.mirror4j.checkpoint.FloatConversion;
import org.mirror4j.checkpoint.ModelDirectory;
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
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * {@code flow.safetensors}: the parameters of a flow in f32 under the names of its table, and under
 * {@code __metadata__} its architecture, as one JSON object.
 */
public final class FlowFile {
  /** Its name in the directory of a model. */
  public static final String NAME = ModelDirectory.FLOW;

  private static final String ORDER = ".permutation.order", SIGN = ".permutation.sign";
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
        tensors.add(entry(device, arena, entry.name(), parameter));
        FloatConversion.requireFinite("trained flow", entry.name(), tensors.getLast().values());
      }
      constants(device, flow, arena, tensors);
      byte[] architecture = JsonFiles.compactBytes(JsonRecords.write(flow.architecture()));
      SafeTensorsWriter.write(
          channel, Map.of(ARCHITECTURE, new String(architecture, StandardCharsets.UTF_8)), tensors);
    }
  }

  /** What learned permutations have beside their parameters. */
  private static void constants(
      Device device, NormalizingFlow flow, Arena arena, List<TensorEntry> tensors) {
    for (int i = 0; i < flow.constants().size(); i++) {
      StepConstants constants = flow.constants().get(i);
      if (constants.sign() != null) {
        String module = FlowParameters.module(flow.architecture(), i);
        tensors.add(entry(device, arena, module + ORDER, constants.order()));
        tensors.add(entry(device, arena, module + SIGN, constants.sign()));
      }
    }
  }

  private static TensorEntry entry(Device device, Arena arena, String name, Tensor tensor) {
    MemorySegment values = arena.allocate(tensor.bytes(), Allocator.ALIGNMENT);
    device.download(values, tensor);
    return new TensorEntry(name, tensor.dtype(), tensor.shape(), values);
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
      Map<String, Shape> constants = constants(architecture);
      requireTensors(tensors, table, constants);
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
      for (int i = 0; !constants.isEmpty() && i < flow.constants().size(); i++) {
        read(device, tensors, FlowParameters.module(architecture, i), flow.constants().get(i));
      }
      return flow;
    }
  }

  /** Names and shapes of what learned permutations have beside their parameters. */
  private static Map<String, Shape> constants(FlowArchitecture architecture) {
    Map<String, Shape> constants = new LinkedHashMap<>();
    int steps = architecture.levels() * architecture.depth();
    for (int i = 0; architecture.permutation() == FlowPermutation.PLU && i < steps; i++) {
      Shape shape = Shape.of(architecture.channels(i / architecture.depth()));
      constants.put(FlowParameters.module(architecture, i) + ORDER, shape);
      constants.put(FlowParameters.module(architecture, i) + SIGN, shape);
    }
    return constants;
  }

  private static void read(
      Device device, SafeTensors tensors, String module, StepConstants constants) {
    int n = constants.order().rows();
    if (tensors.dtype(module + ORDER) != DType.I32) {
      throw new FileException(
          "%s: tensor %s is %s, expected i32"
              .formatted(tensors.file(), module + ORDER, tensors.dtype(module + ORDER).label()));
    }
    int[] order = new int[n];
    boolean[] seen = new boolean[n];
    ByteBuffer.wrap(tensors.data(module + ORDER))
        .order(ByteOrder.LITTLE_ENDIAN)
        .asIntBuffer()
        .get(order);
    for (int place : order) {
      if (place < 0 || place >= n || seen[place]) {
        throw new FileException(
            "%s: tensor %s has %d, expected each number below %d once"
                .formatted(tensors.file(), module + ORDER, place, n));
      }
      seen[place] = true;
    }
    float[] sign = new float[n];
    MemorySegment values = Arena.ofAuto().allocate(4L * n, Allocator.ALIGNMENT);
    tensors.readFloats(module + SIGN, values);
    for (int i = 0; i < n; i++) {
      sign[i] = values.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      if (Math.abs(sign[i]) != 1) {
        throw new FileException(
            "%s: tensor %s has %s, expected 1 or -1"
                .formatted(tensors.file(), module + SIGN, sign[i]));
      }
    }
    device.upload(constants.order(), order);
    device.upload(constants.sign(), sign);
  }

  private static void requireTensors(
      SafeTensors tensors, ParameterTable table, Map<String, Shape> constants) {
    Map<String, Shape> expected = new LinkedHashMap<>(constants);
    table.entries().forEach(entry -> expected.put(entry.name(), entry.shape()));
    for (String name : tensors.names()) {
      if (!expected.containsKey(name)) {
        throw new FileException(
            "%s: tensor %s is none of a flow of its architecture"
                .formatted(tensors.file(), FileException.quote(name)));
      }
    }
    expected.forEach(
        (name, shape) -> {
          if (!tensors.has(name)) {
            throw new FileException(
                "%s: no tensor %s, which a flow of its architecture has"
                    .formatted(tensors.file(), name));
          }
          if (!tensors.shape(name).equals(shape)) {
            throw new FileException(
                "%s: tensor %s is %s, expected %s"
                    .formatted(tensors.file(), name, tensors.shape(name), shape));
          }
        });
  }
}
