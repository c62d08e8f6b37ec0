package org.mirror4j.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.checkpoint.SafeTensorsWriter;
import org.mirror4j.checkpoint.TensorEntry;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.support.SmallModel;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;

/** Valid files, made by the project's own writers. */
final class Seeds {
  private Seeds() {}

  /** Writes files. */
  interface Writer {
    /** Into an empty directory. */
    void write(Path directory) throws IOException;
  }

  /** What a writer writes, in the order of the names. */
  static FuzzInput written(Writer writer) {
    try {
      Path directory = Files.createTempDirectory("fuzz-seed-");
      try {
        writer.write(directory);
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(directory)) {
          for (Path path : paths.filter(Files::isRegularFile).toList()) {
            files.put(directory.relativize(path).toString(), Files.readAllBytes(path));
          }
        }
        FuzzInput input = new FuzzInput(new LinkedHashMap<>());
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
          input = input.with(file.getKey(), file.getValue());
        }
        return input;
      } finally {
        AtomicFiles.deleteTree(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A model of one layer, whose file of weights has some kilobytes. */
  static BertConfig config(BertConfig.Family family) {
    return SmallModel.config(family, 24, 6, 1, GeluForm.ERF);
  }

  /** All weights of a model under their own names, of zeros. */
  static byte[] weights(BertConfig config) {
    List<TensorEntry> tensors = new ArrayList<>();
    for (ParameterTable.Entry entry : BertModel.table(config).entries()) {
      tensors.add(tensor(entry.name(), DType.F32, entry.shape()));
    }
    return safetensors(tensors);
  }

  /**
   * A tensor of zeros.
   *
   * @param dtype a float type
   */
  static TensorEntry tensor(String name, DType dtype, Shape shape) {
    byte[] zeros = new byte[Math.toIntExact(4 * shape.size())];
    return new TensorEntry(name, dtype, shape, MemorySegment.ofArray(zeros));
  }

  /** A file of tensors. */
  static byte[] safetensors(List<TensorEntry> tensors) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      SafeTensorsWriter.write(Channels.newChannel(bytes), Map.of("format", "pt"), tensors);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
