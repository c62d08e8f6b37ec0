package org.mirror4j.bench.product;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mirror4j.bench.contest.Contender;
import org.mirror4j.bench.contest.Contest;
import org.mirror4j.bench.contest.Environment;
import org.mirror4j.bench.contest.Protocol;
import org.mirror4j.bench.contest.Work;

/** Matrix products beside other libraries', and the rate that nothing can exceed. */
public final class ProductContests {
  /** Group of the products. */
  public static final String PRODUCTS = "matrix-products";

  /** Group of the peak. */
  public static final String PEAK = "peak";

  private ProductContests() {}

  /** The products of one pass. */
  public static Contest products(
      ProductShape.Pass pass,
      int rows,
      int threads,
      List<Multiplier> multipliers,
      Protocol protocol) {
    double flops = 0;
    for (int[] layer : ProductShape.LAYERS) {
      flops += ProductShape.of(pass, rows, layer[0], layer[1]).flops();
    }
    Work work = Work.products(rows, "rows", flops);
    List<Contender> contenders = new ArrayList<>();
    for (Multiplier multiplier : multipliers) {
      boolean engine = multiplier.side().startsWith("mirror4j");
      contenders.add(
          new Contender(
              multiplier.side(),
              Contender.benchmark(ProductBenchmark.class, "multiply"),
              Map.of(
                  "multiplier",
                  multiplier.name(),
                  "pass",
                  pass.name(),
                  "rows",
                  Integer.toString(rows),
                  "threads",
                  Integer.toString(threads)),
              engine ? Environment.ENGINE : Environment.RIVAL,
              threads,
              work));
    }
    return new Contest(PRODUCTS, "%s, %d rows".formatted(pass, rows), protocol, contenders);
  }

  /** The peak of one thread and of all. */
  public static Contest peak(int threads, Protocol protocol) {
    List<Contender> contenders = new ArrayList<>();
    for (int used : Contender.oneAndAll(threads)) {
      contenders.add(
          new Contender(
              "f32, %d thread%s".formatted(used, used == 1 ? "" : "s"),
              Contender.benchmark(PeakRate.class, "multiplyAndAdd"),
              Map.of("threads", Integer.toString(used)),
              Environment.ENGINE,
              used,
              Work.products(1, "calls", PeakRate.FLOPS * used)));
    }
    return new Contest(PEAK, "multiplications and additions", protocol, contenders);
  }
}
