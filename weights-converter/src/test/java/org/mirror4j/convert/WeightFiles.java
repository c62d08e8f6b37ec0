package org.mirror4j.convert;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;

/** Small files of weights and their reading, for tests of other packages. */
public final class WeightFiles {
  /** Elements that are read; what a file of some kilobytes holds is below. */
  private static final long MOST_ELEMENTS = 1 << 20;

  private WeightFiles() {}

  /** An archive of files, deflated or stored; of the same bytes at any time. */
  public static byte[] zip(Map<String, byte[]> files, boolean deflate) {
    return TorchFile.zip(files, deflate);
  }

  /** As {@code torch.save} writes it. */
  public static byte[] pytorchZip() {
    return pytorch().zip();
  }

  /** As {@code torch.save} wrote it before version 1.6. */
  public static byte[] pytorchLegacy() {
    return pytorch().legacy();
  }

  /** Three tensors over two storages, one of them a transposed view. */
  static TorchFile pytorch() {
    byte[] matrix = TorchFile.bytes(1, 2, 3, 4, 5, 6);
    return new TorchFile()
        .floats("w", List.of(2L, 3L), 1, 2, 3, 4, 5, 6)
        .view(
            "half",
            "HalfStorage",
            "1",
            TorchFile.shorts(0x3C00, 0xC000),
            2,
            0,
            List.of(2L),
            List.of(1L))
        .view("transposed", "FloatStorage", "0", matrix, 4, 0, List.of(3L, 2L), List.of(1L, 3L));
  }

  /** A graph of all weights of a model and what its architecture is derived from. */
  public static byte[] onnx(BertConfig config) {
    OnnxWriter graph = weights(config);
    graph.message(1, OnnxWriter.constant("heads", 7, number(config.numAttentionHeads()), 1));
    graph.message(1, OnnxWriter.constant("size", 7, number(config.headSize()), 1));
    graph.message(
        1, OnnxWriter.node("Concat", List.of("batch", "length", "heads", "size"), List.of("all")));
    graph.message(1, OnnxWriter.constant("eps", 1, TorchFile.bytes(config.layerNormEps())));
    graph.message(1, OnnxWriter.node("Add", List.of("variance", "eps"), List.of("sum")));
    graph.message(1, OnnxWriter.node("Sqrt", List.of("sum"), List.of("root")));
    graph.message(1, OnnxWriter.node("Erf", List.of("x"), List.of("y")));
    return OnnxWriter.model(graph);
  }

  /** All weights of an encoder under their own names, of zeros. */
  static OnnxWriter weights(BertConfig config) {
    OnnxWriter graph = new OnnxWriter();
    for (ParameterTable.Entry entry : BertModel.table(config).entries()) {
      Shape shape = entry.shape();
      long[] dimensions = new long[shape.rank()];
      for (int i = 0; i < dimensions.length; i++) {
        dimensions[i] = shape.dimension(i);
      }
      byte[] zeros = new byte[Math.toIntExact(4 * shape.size())];
      graph.message(5, OnnxWriter.tensor(entry.name(), 1, zeros, dimensions));
    }
    return graph;
  }

  private static byte[] number(long value) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  /**
   * A checkpoint of TensorFlow with all weights of a model, of zeros, in three types.
   *
   * @param prefix what the names of its files begin with
   * @param shards how many files of values there are
   */
  public static Map<String, byte[]> tensorFlow(BertConfig config, String prefix, int shards) {
    BundleWriter bundle = new BundleWriter(shards);
    for (ParameterTable.Entry entry : BertModel.table(config).entries()) {
      Shape shape = entry.shape();
      String name = tensorFlowName(entry.name());
      boolean kernel = name.endsWith("kernel");
      long[] dimensions = new long[shape.rank()];
      for (int i = 0; i < dimensions.length; i++) {
        dimensions[i] = shape.dimension(kernel ? 1 - i : i);
      }
      int type = List.of(1, 14, 19).get(Math.floorMod(name.hashCode(), 3));
      byte[] zeros = new byte[Math.toIntExact((type == 1 ? 4 : 2) * shape.size())];
      bundle.add(name, type, zeros, dimensions);
    }
    bundle.add(
        "bert/embeddings/LayerNorm/beta/adam_m",
        1,
        new byte[4 * config.hiddenSize()],
        config.hiddenSize());
    bundle.add("global_step", 9, new byte[8]);
    return bundle.files(prefix);
  }

  /** What Google's BERT calls a parameter. */
  static String tensorFlowName(String parameter) {
    String name = "bert." + parameter;
    if (name.contains("embeddings.weight")) {
      name = name.substring(0, name.length() - ".weight".length());
    }
    return name.replaceAll("LayerNorm.weight$", "LayerNorm.gamma")
        .replaceAll("LayerNorm.bias$", "LayerNorm.beta")
        .replaceAll("weight$", "kernel")
        .replaceAll("layer\\.(\\d+)", "layer_$1")
        .replace('.', '/');
  }

  /** Reads architecture and all weights of a checkpoint of TensorFlow. */
  public static void readTensorFlow(Path in) {
    TensorFlowFiles files =
        TensorFlowFiles.find(in).orElseThrow(() -> new FileException(in + ": no checkpoint"));
    try (TensorFlowCheckpoint checkpoint = TensorFlowCheckpoint.open(files.prefix())) {
      TensorFlowArchitecture.of(files, checkpoint, OptionalInt.of(3));
      readAll(checkpoint);
    }
  }

  /** Unpacks an archive into an empty directory. */
  public static void unpackTensorFlow(Path archive, Path directory) {
    TensorFlowArchive.unpack(archive, directory);
  }

  /** Reads all tensors of a checkpoint. */
  public static void readPytorch(Path file) {
    try (PyTorchCheckpoint checkpoint = PyTorchCheckpoint.open(file)) {
      readAll(checkpoint);
    }
  }

  /** Reads architecture and all weights of a model. */
  public static void readOnnx(Path file) {
    try (OnnxModel model = OnnxModel.open(file)) {
      OnnxWeights weights = new OnnxWeights(model); // what it closes is the model
      OnnxArchitecture.of(model, weights, OptionalInt.empty());
      readAll(weights);
    }
  }

  private static void readAll(TensorSource source) {
    for (String name : source.names()) {
      long elements = source.shape(name).size();
      if (elements <= MOST_ELEMENTS) {
        try (Arena arena = Arena.ofConfined()) {
          source.readFloats(name, arena.allocate(4 * elements, 64));
        }
      }
    }
  }
}
