package org.mirror4j.bench.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mirror4j.bench.contest.Contender;
import org.mirror4j.bench.contest.Contest;
import org.mirror4j.bench.contest.Environment;
import org.mirror4j.bench.contest.Protocol;
import org.mirror4j.bench.contest.Work;

/** The exact search on one thread and on all. */
public final class SearchContests {
  /** Group of these contests. */
  public static final String GROUP = "search";

  private static final int QUERIES = 1000, DIMENSION = 256;

  private SearchContests() {}

  /** The nearest of vectors of 256 elements, of a thousand queries at once. */
  public static Contest exact(int vectors, int threads, Protocol protocol) {
    Work work = Work.products(QUERIES, "queries", 2.0 * QUERIES * vectors * DIMENSION);
    List<Contender> contenders = new ArrayList<>();
    for (int used : Contender.oneAndAll(threads)) {
      contenders.add(
          new Contender(
              "mirror4j, %d thread%s".formatted(used, used == 1 ? "" : "s"),
              Contender.benchmark(ExactSearch.class, "search"),
              Map.of(
                  "vectors",
                  Integer.toString(vectors),
                  "dimension",
                  Integer.toString(DIMENSION),
                  "queries",
                  Integer.toString(QUERIES),
                  "threads",
                  Integer.toString(used)),
              Environment.ENGINE,
              used,
              work));
    }
    return new Contest(
        GROUP,
        "%d nearest of %,d x %d".formatted(ExactSearch.NEAREST, vectors, DIMENSION),
        protocol,
        contenders);
  }
}
