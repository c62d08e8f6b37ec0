package org.mirror4j.bench.text;

import java.util.List;
import java.util.Map;
import org.mirror4j.bench.contest.Contender;
import org.mirror4j.bench.contest.Contest;
import org.mirror4j.bench.contest.Environment;
import org.mirror4j.bench.contest.Protocol;
import org.mirror4j.bench.contest.Work;
import org.mirror4j.bench.embedding.Sentences;

/** Tokenizing beside DJL's tokenizers. */
public final class TokenizingContests {
  /** Group of these contests. */
  public static final String GROUP = "tokenizing";

  private TokenizingContests() {}

  /** All texts in one call. */
  public static Contest contest(int texts, int threads, Protocol protocol) {
    Work work = Work.movement(texts, "texts", 0);
    return new Contest(
        GROUP,
        "%,d %s".formatted(texts, Sentences.read(texts).corpus()),
        protocol,
        List.of(
            contender("mirror4j", "mirror4j", texts, threads, work),
            contender("DJL, HuggingFace's library", "huggingFace", texts, threads, work),
            contender("DJL, plain Java", "plainJava", texts, threads, work)));
  }

  private static Contender contender(
      String side, String method, int texts, int threads, Work work) {
    return new Contender(
        side,
        Contender.benchmark(Tokenizing.class, method),
        Map.of("texts", Integer.toString(texts)),
        Environment.RIVAL,
        threads,
        work);
  }
}
