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
import org.mirror4j.tensor.ParameterTable;

/**
 * The weights of all-MiniLM-L6-v2, which LangChain4j's jar brings as an ONNX file, as a model
 * directory for the other sides.
 */
public final class MiniLm implements Weights {
  private static final String NAME = "all-minilm-l6-v2";

  private final Path directory;

  private MiniLm(Path directory) {
    this.directory = directory;
  }

  /** Converts the file, the first time. */
  public static MiniLm converted() {
    Path folder = Checkout.path("target/bench/minilm");
    Path directory = folder.resolve("model");
    if (!Files.isDirectory(directory)) {
      try {
        Files.createDirectories(folder);
        Path onnx = unpack(folder, NAME + ".onnx");
        unpack(folder, NAME + "-tokenizer.json");
        Converter.convert(onnx, directory);
        Files.delete(onnx);
      } catch (IOException problem) {
        throw new UncheckedIOException(problem);
      }
    }
    return new MiniLm(directory);
  }

  private static Path unpack(Path folder, String resource) throws IOException {
    Path file = folder.resolve(resource);
    try (InputStream stream = MiniLm.class.getClassLoader().getResourceAsStream(resource)) {
      Files.write(file, stream.readAllBytes());
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
        long[] shape = new long[entry.shape().rank()];
        for (int i = 0; i < shape.length; i++) {
          shape[i] = entry.shape().dimension(i);
        }
        consumer.accept(entry.name(), values.toArray(ValueLayout.JAVA_FLOAT), shape);
      }
    }
  }
}
