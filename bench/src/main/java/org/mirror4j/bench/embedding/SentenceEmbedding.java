package org.mirror4j.bench.embedding;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;
import java.util.Arrays;
import java.util.List;
import org.mirror4j.bench.djl.DjlBert;
import org.mirror4j.bench.djl.PaddedBatch;
import org.mirror4j.device.Precision;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** Texts to vectors with the weights of all-MiniLM-L6-v2, tokenising included. */
public final class SentenceEmbedding {
  /** Texts of a batch in ONNX Runtime and in DJL's Rust engine, as sentence-transformers has it. */
  private static final int BATCH = 32;

  /** The same in PyTorch. */
  private static final int PYTORCH_BATCH = 256;

  private SentenceEmbedding() {}

  /** The engine on the CPU. */
  public static class Mirror4j extends Side {
    @Param("F32")
    public Precision precision;

    @Param("2")
    public int threads;

    private EngineEncoder encoder;

    /** Loads the model. */
    @Setup(Level.Trial)
    public void load() {
      read();
      encoder = new EngineEncoder(precision, threads);
    }

    @Override
    float[][] embed(List<String> texts) {
      return encoder.encode(texts);
    }

    /** Compares its vectors, after all: what f32 compiles is not what int8 alone would. */
    @TearDown(Level.Trial)
    public void close() {
      if (precision != Precision.F32) {
        check(precision == Precision.INT8 ? INT8_BY_ROW : BF16);
      }
      encoder.close();
    }
  }

  /** LangChain4j's model in the process: ONNX Runtime, texts spread over threads. */
  public static class LangChain4j extends Side {
    @Param("false")
    public boolean quantized;

    private EmbeddingModel model;

    /** Loads the model. */
    @Setup(Level.Trial)
    public void load() {
      read();
      model =
          quantized
              ? new AllMiniLmL6V2QuantizedEmbeddingModel()
              : new AllMiniLmL6V2EmbeddingModel();
      check(quantized ? INT8_BY_TENSOR : F32);
    }

    @Override
    float[][] embed(List<String> texts) {
      List<TextSegment> segments = texts.stream().map(TextSegment::from).toList();
      List<Embedding> embeddings = model.embedAll(segments).content();
      return embeddings.stream().map(Embedding::vector).toArray(float[][]::new);
    }

    @Override
    float[][] embed(String text) {
      return new float[][] {model.embed(text).content().vector()};
    }
  }

  /** ONNX Runtime itself, on batches of texts of similar length. */
  public static class OnnxRuntime extends Side {
    @Param("F32")
    public MiniLm.Graph graph;

    @Param("2")
    public int threads;

    private SortedBatches batches;
    private OnnxRuntimeEncoder encoder;

    /** Loads the graph. */
    @Setup(Level.Trial)
    public void load() {
      read();
      batches = new SortedBatches(MiniLm.converted(), BATCH, true);
      encoder = new OnnxRuntimeEncoder(graph, threads);
      check(graph == MiniLm.Graph.INT8 ? INT8_BY_TENSOR : F32);
    }

    @Override
    float[][] embed(List<String> texts) {
      return batches.encode(texts, encoder);
    }

    /** Frees it. */
    @TearDown(Level.Trial)
    public void close() {
      encoder.close();
      batches.close();
    }
  }

  /** DJL's Rust engine, on batches of texts of one length. */
  public static class DjlRust extends Side {
    private SortedBatches batches;
    private RustEncoder encoder;

    /** Loads the model. */
    @Setup(Level.Trial)
    public void load() {
      read();
      MiniLm miniLm = MiniLm.converted();
      batches = new SortedBatches(miniLm, BATCH, false);
      encoder = new RustEncoder(miniLm);
      check(F32);
    }

    @Override
    float[][] embed(List<String> texts) {
      return batches.encode(texts, encoder);
    }

    /** Frees it. */
    @TearDown(Level.Trial)
    public void close() {
      encoder.close();
      batches.close();
    }
  }

  /** PyTorch through DJL, on batches of texts of similar length. */
  public static class Djl extends Side {
    private SortedBatches batches;
    private NDManager manager;
    private DjlBert bert;

    /** Loads the model. */
    @Setup(Level.Trial)
    public void load() {
      read();
      MiniLm miniLm = MiniLm.converted();
      batches = new SortedBatches(miniLm, PYTORCH_BATCH, true);
      // By name: DJL's tokenizers bring another engine.
      manager = NDManager.newBaseManager("PyTorch");
      bert = new DjlBert(manager, miniLm.config(), miniLm, false);
      check(F32);
    }

    @Override
    float[][] embed(List<String> texts) {
      return batches.encode(texts, this::vectors);
    }

    private float[][] vectors(int[][] ids) {
      try (NDManager step = manager.newSubManager()) {
        PaddedBatch batch = PaddedBatch.of(step, ids, ids[0].length);
        NDArray hidden = bert.forward(batch, 0);
        float[] values = batch.mean(hidden).toFloatArray();
        int width = values.length / ids.length;
        float[][] vectors = new float[ids.length][];
        for (int i = 0; i < ids.length; i++) {
          vectors[i] = Arrays.copyOfRange(values, i * width, (i + 1) * width);
        }
        return vectors;
      }
    }

    /** Frees all arrays. */
    @TearDown(Level.Trial)
    public void close() {
      manager.close();
      batches.close();
    }
  }
}
