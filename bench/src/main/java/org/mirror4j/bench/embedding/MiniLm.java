package org.mirror4j.bench.embedding;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.mirror4j.bench.contest.Checkout;
import org.mirror4j.bench.djl.Weights;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.convert.Converter;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.onnx.OnnxExport;
import org.mirror4j.onnx.Precision;
import org.mirror4j.tensor.ParameterTable;

/**
 * The weights of all-MiniLM-L6-v2, which LangChain4j's jars bring as ONNX files, as a model
 * directory and as graphs for the other sides.
 */
public final class MiniLm implements Weights {
  private static final String NAME = "all-minilm-l6-v2";

  /** Files of the model in ONNX. */
  public enum Graph {
    /** LangChain4j's in f32. */
    F32(NAME + ".onnx", "output_0"),
    /** LangChain4j's in int8, with a scale for all inputs of a product's batch. */
    INT8(NAME + "-q.onnx", "last_hidden_state"),
    /** What {@code export onnx} makes of the model directory in f32. */
    EXPORTED("exported/model.onnx", "sentence_embedding");

    private final String file;
    private final String output;

    Graph(String file, String output) {
      this.file = file;
      this.output = output;
    }

    /** The output to ask for: hidden states, or vectors. */
    String output() {
      return output;
    }

    /** Whether the mean is taken and normalised in the graph. */
    boolean pools() {
      return this == EXPORTED;
    }
  }

  private final Path directory;

  private MiniLm(Path directory) {
    this.directory = directory;
  }

  /** Converts the file, the first time. */
  public static MiniLm converted() {
    Path directory = folder().resolve("model");
    if (!Files.isDirectory(directory)) {
      Path onnx = onnx(Graph.F32);
      unpack(NAME + "-tokenizer.json");
      Converter.convert(onnx, directory);
    }
    return new MiniLm(directory);
  }

  /** The file of a graph, made the first time. */
  static Path onnx(Graph graph) {
    Path file = folder().resolve(graph.file);
    if (graph == Graph.EXPORTED) {
      if (!Files.isRegularFile(file)) {
        OnnxExport.write(converted().directory(), NAME, Precision.F32, file.getParent(), true);
      }
      return file;
    }
    return unpack(graph.file);
  }

  private static Path folder() {
    return Checkout.path("target/bench/minilm");
  }

  private static Path unpack(String resource) {
    Path file = folder().resolve(resource);
    if (!Files.isRegularFile(file)) {
      try (InputStream stream = MiniLm.class.getClassLoader().getResourceAsStream(resource)) {
        Files.createDirectories(file.getParent());
        AtomicFiles.writeFile(file, stream.readAllBytes());
      } catch (IOException problem) {
        throw new UncheckedIOException(problem);
      }
    }
    return file;
  }

  /** Where the model lies. */
  public Path directory() {
    return directory;
  }

  /** The architecture. */
  public BertConfig config() {
    return BertConfig.parse(ModelDirectory.open(directory).config());
  }

  @Override
  public void forEach(Consumer consumer) {
    try (SafeTensors weights = ModelDirectory.open(directory).weights();
        Arena arena = Arena.ofConfined()) {
      for (ParameterTable.Entry entry : BertModel.table(config()).entries()) {
        MemorySegment values = arena.allocate(4 * entry.shape().size(), 64);
        weights.readFloats(entry.name(), values);
        consumer.accept(entry.name(), values.toArray(ValueLayout.JAVA_FLOAT), entry.shape());
      }
    }
  }
}
