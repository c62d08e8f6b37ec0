package org.mirror4j.bench.embedding;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.mirror4j.bench.djl.DjlBert;
import org.mirror4j.bench.djl.PaddedBatch;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.Pooling;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.statistics.Cosine;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Tokenizer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Texts to vectors with the weights of all-MiniLM-L6-v2, tokenising included: all texts in one
 * call, or one text a call.
 */
public class SentenceEmbedding {
  private static final int MAX_LENGTH = 256;

  /** Texts of a batch of the sides that have batches: the default of the command {@code embed}. */
  private static final int BATCH = 256;

  /** What every side has. */
  @State(Scope.Benchmark)
  public abstract static class Side {
    @Param("10000")
    public int texts;

    List<String> sentences;
    private int next;

    String nextSentence() {
      next = (next + 1) % sentences.size();
      return sentences.get(next);
    }

    abstract float[][] embed(List<String> texts);

    /** Refuses vectors that point elsewhere than the engine's. */
    void check() {
      List<String> sample = sentences.subList(0, Math.min(40, sentences.size()));
      float[][] vectors = embed(sample);
      float[][] expected;
      try (Engine engine = new Engine(DType.F32, Runtime.getRuntime().availableProcessors())) {
        expected = engine.encoder.encode(sample);
      }
      for (int i = 0; i < vectors.length; i++) {
        double cosine = Cosine.similarity(vectors[i], expected[i]);
        if (!(cosine > 1 - 1e-5)) {
          throw new IllegalStateException(
              "the vector of '%s' has cosine %.6f with the engine's"
                  .formatted(sample.get(i), cosine));
        }
      }
    }
  }

  /** Model, tokenizer and encoder of mirror4j. */
  private static final class Engine implements AutoCloseable {
    private final HostDevice device;
    private final Workspace workspace;
    private final Tokenizer tokenizer;
    private final TextEncoder encoder;

    Engine(DType precision, int threads) {
      MiniLm miniLm = MiniLm.converted();
      device = new HostDevice(threads);
      workspace = new Workspace(device);
      tokenizer = Tokenizer.open(miniLm.directory());
      try (SafeTensors weights = ModelDirectory.open(miniLm.directory()).weights()) {
        BertModel model =
            BertModel.load(device, workspace, miniLm.config(), weights)
                .storedAs(device, workspace, precision);
        encoder = new TextEncoder(device, model, tokenizer, Pooling.MEAN, MAX_LENGTH, BATCH);
      }
    }

    @Override
    public void close() {
      encoder.close();
      tokenizer.close();
      workspace.close();
      device.close();
    }
  }

  /** The engine on the CPU. */
  public static class Mirror4j extends Side {
    @Param("F32")
    public DType precision;

    @Param("2")
    public int threads;

    private Engine engine;

    /** Loads the model. */
    @Setup(Level.Trial)
    public void load() {
      sentences = Sentences.read(texts).texts();
      engine = new Engine(precision, threads);
    }

    @Override
    float[][] embed(List<String> texts) {
      return engine.encoder.encode(texts);
    }

    /** Frees it. */
    @TearDown(Level.Trial)
    public void close() {
      engine.close();
    }
  }

  /** LangChain4j's model in the process: ONNX Runtime, texts spread over threads. */
  public static class LangChain4j extends Side {
    private AllMiniLmL6V2EmbeddingModel model;

    /** Loads the model. */
    @Setup(Level.Trial)
    public void load() {
      sentences = Sentences.read(texts).texts();
      model = new AllMiniLmL6V2EmbeddingModel();
      check();
    }

    @Override
    float[][] embed(List<String> texts) {
      List<TextSegment> segments = texts.stream().map(TextSegment::from).toList();
      List<Embedding> embeddings = model.embedAll(segments).content();
      return embeddings.stream().map(Embedding::vector).toArray(float[][]::new);
    }
  }

  /** PyTorch through DJL, on batches of texts of similar length. */
  public static class Djl extends Side {
    private HuggingFaceTokenizer tokenizer;
    private NDManager manager;
    private DjlBert bert;

    /** Loads the model. */
    @Setup(Level.Trial)
    public void load() {
      sentences = Sentences.read(texts).texts();
      MiniLm miniLm = MiniLm.converted();
      try {
        tokenizer =
            HuggingFaceTokenizer.builder()
                .optTokenizerPath(miniLm.directory().resolve("tokenizer.json"))
                .optPadding(false)
                .optTruncation(true)
                .optMaxLength(MAX_LENGTH)
                .build();
      } catch (IOException problem) {
        throw new UncheckedIOException(problem);
      }
      manager = NDManager.newBaseManager();
      bert = new DjlBert(manager, miniLm.config(), miniLm, false);
      check();
    }

    @Override
    float[][] embed(List<String> texts) {
      Encoding[] encodings = tokenizer.batchEncode(texts);
      List<int[]> ids = new ArrayList<>();
      for (Encoding encoding : encodings) {
        ids.add(Arrays.stream(encoding.getIds()).mapToInt(id -> (int) id).toArray());
      }
      List<Integer> order =
          IntStream.range(0, ids.size())
              .boxed()
              .sorted(Comparator.comparing(i -> -ids.get(i).length))
              .toList();
      float[][] vectors = new float[ids.size()][];
      for (int from = 0; from < order.size(); from += BATCH) {
        List<Integer> members = order.subList(from, Math.min(from + BATCH, order.size()));
        int[][] views = members.stream().map(ids::get).toArray(int[][]::new);
        try (NDManager step = manager.newSubManager()) {
          PaddedBatch batch = PaddedBatch.of(step, views, views[0].length);
          NDArray hidden = bert.forward(batch, 0);
          NDArray mean = batch.mean(hidden);
          float[] values = mean.toFloatArray();
          int width = values.length / views.length;
          for (int i = 0; i < views.length; i++) {
            vectors[members.get(i)] = Arrays.copyOfRange(values, i * width, (i + 1) * width);
          }
        }
      }
      return vectors;
    }

    /** Frees all arrays. */
    @TearDown(Level.Trial)
    public void close() {
      manager.close();
      tokenizer.close();
    }
  }

  /** All texts, by the engine. */
  @Benchmark
  public float[][] allByMirror4j(Mirror4j state) {
    return state.embed(state.sentences);
  }

  /** All texts, by LangChain4j. */
  @Benchmark
  public float[][] allByLangChain4j(LangChain4j state) {
    return state.embed(state.sentences);
  }

  /** All texts, by DJL. */
  @Benchmark
  public float[][] allByDjl(Djl state) {
    return state.embed(state.sentences);
  }

  /** One text, by the engine. */
  @Benchmark
  public float[][] oneByMirror4j(Mirror4j state) {
    return state.embed(List.of(state.nextSentence()));
  }

  /** One text, by LangChain4j. */
  @Benchmark
  public float[][] oneByLangChain4j(LangChain4j state) {
    return new float[][] {state.model.embed(state.nextSentence()).content().vector()};
  }

  /** One text, by DJL. */
  @Benchmark
  public float[][] oneByDjl(Djl state) {
    return state.embed(List.of(state.nextSentence()));
  }
}
