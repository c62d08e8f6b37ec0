package org.mirror4j.bench.embedding;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mirror4j.bench.contest.Contender;
import org.mirror4j.bench.contest.Contest;
import org.mirror4j.bench.contest.Environment;
import org.mirror4j.bench.contest.Protocol;
import org.mirror4j.bench.contest.Work;
import org.mirror4j.tensor.DType;

/** Texts to vectors beside LangChain4j's model and DJL. */
public final class EmbeddingContests {
  /** Group of the throughput. */
  public static final String THROUGHPUT = "embedding";

  /** Group of the time of one text. */
  public static final String LATENCY = "embedding-latency";

  /** Texts that the calls of the latency take in turn. */
  private static final int LATENCY_TEXTS = 500;

  private final int threads;
  private final List<DType> precisions;

  /** Contests between sides that use so many threads. */
  public EmbeddingContests(int threads, List<DType> precisions) {
    this.threads = threads;
    this.precisions = precisions;
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
    for (DType precision : precisions) {
      contenders.add(
          new Contender(
              Contender.engine(precision, threads),
              Contender.benchmark(SentenceEmbedding.class, what + "ByMirror4j"),
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
    contenders.add(
        new Contender(
            "LangChain4j, ONNX Runtime",
            Contender.benchmark(SentenceEmbedding.class, what + "ByLangChain4j"),
            Map.of("texts", count),
            Environment.RIVAL,
            threads,
            work));
    contenders.add(
        new Contender(
            "DJL, memory kept",
            Contender.benchmark(SentenceEmbedding.class, what + "ByDjl"),
            Map.of("texts", count),
            Environment.RIVAL_KEEPING_MEMORY,
            threads,
            work));
    return contenders;
  }
}
