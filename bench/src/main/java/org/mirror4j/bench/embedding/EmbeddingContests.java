package org.mirror4j.bench.embedding;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.mirror4j.bench.contest.Contender;
import org.mirror4j.bench.contest.Contest;
import org.mirror4j.bench.contest.Environment;
import org.mirror4j.bench.contest.Protocol;
import org.mirror4j.bench.contest.Work;
import org.mirror4j.device.Precision;

/** Texts to vectors beside LangChain4j's models, ONNX Runtime and DJL. */
public final class EmbeddingContests {
  /** Group of the throughput. */
  public static final String THROUGHPUT = "embedding";

  /** Group of the time of one text. */
  public static final String LATENCY = "embedding-latency";

  /** Ends the names of sides whose products are of integers. */
  public static final String INT8 = "int8";

  /** Who embeds beside the engine. */
  public enum Rival {
    /** LangChain4j's model as it comes. */
    LANGCHAIN4J(
        "LangChain4j, ONNX Runtime",
        SentenceEmbedding.LangChain4j.class,
        Environment.RIVAL,
        Map.of("quantized", "false")),
    /** Its quantized model. */
    LANGCHAIN4J_INT8(
        "LangChain4j, ONNX Runtime int8",
        SentenceEmbedding.LangChain4j.class,
        Environment.RIVAL,
        Map.of("quantized", "true")),
    /** LangChain4j's file in batches. */
    ONNX_RUNTIME("ONNX Runtime f32", MiniLm.Graph.F32),
    /** LangChain4j's quantized file in batches. */
    ONNX_RUNTIME_INT8("ONNX Runtime int8", MiniLm.Graph.INT8),
    /** The engine's export in batches: the mean is part of the graph. */
    ONNX_RUNTIME_EXPORTED("ONNX Runtime f32, export onnx", MiniLm.Graph.EXPORTED),
    /** DJL's Rust engine. */
    DJL_RUST("DJL, Rust engine", SentenceEmbedding.DjlRust.class, Environment.RIVAL, Map.of()),
    /** DJL on PyTorch with a C library that keeps freed memory. */
    DJL(
        "DJL, memory kept",
        SentenceEmbedding.Djl.class,
        Environment.RIVAL_KEEPING_MEMORY,
        Map.of());

    private final String side;
    private final Class<? extends Side> benchmark;
    private final Environment environment;
    private final Map<String, String> parameters;

    Rival(
        String side,
        Class<? extends Side> benchmark,
        Environment environment,
        Map<String, String> parameters) {
      this.side = side;
      this.benchmark = benchmark;
      this.environment = environment;
      this.parameters = parameters;
    }

    Rival(String side, MiniLm.Graph graph) {
      this(
          side,
          SentenceEmbedding.OnnxRuntime.class,
          Environment.RIVAL,
          Map.of("graph", graph.name()));
    }
  }

  /** Texts that the calls of the latency take in turn. */
  private static final int LATENCY_TEXTS = 500;

  private final int threads;
  private final List<Precision> precisions;
  private final List<Rival> rivals;

  /**
   * Contests between sides that use so many threads.
   *
   * @param precisions of the engine
   */
  public EmbeddingContests(int threads, List<Precision> precisions, List<Rival> rivals) {
    this.threads = threads;
    this.precisions = precisions;
    this.rivals = rivals;
  }

  /** All texts in one call. */
  public Contest throughput(int texts, Protocol protocol) {
    String corpus = Sentences.read(texts).corpus();
    return new Contest(
        THROUGHPUT,
        "%,d %s".formatted(texts, corpus),
        protocol,
        contenders("all", texts, Work.movement(texts, "texts", 0)));
  }

  /** One text a call. */
  public Contest latency(Protocol protocol) {
    String corpus = Sentences.read(LATENCY_TEXTS).corpus();
    return new Contest(
        LATENCY,
        "one of the " + corpus,
        protocol,
        contenders("one", LATENCY_TEXTS, Work.movement(1, "texts", 0)));
  }

  private List<Contender> contenders(String what, int texts, Work work) {
    List<Contender> contenders = new ArrayList<>();
    String count = Integer.toString(texts);
    for (Precision precision : precisions) {
      contenders.add(
          new Contender(
              Contender.engine(precision, threads),
              Contender.benchmark(SentenceEmbedding.Mirror4j.class, what),
              Map.of(
                  "texts",
                  count,
                  "precision",
                  precision.name(),
                  "threads",
                  Integer.toString(threads)),
              Environment.ENGINE,
              threads,
              work));
    }
    for (Rival rival : rivals) {
      Map<String, String> parameters = new HashMap<>(rival.parameters);
      parameters.put("texts", count);
      // JMH passes it to those that have it: others take all processors.
      parameters.put("threads", Integer.toString(threads));
      contenders.add(
          new Contender(
              rival.side,
              Contender.benchmark(rival.benchmark, what),
              parameters,
              rival.environment,
              threads,
              work));
    }
    return contenders;
  }
}
