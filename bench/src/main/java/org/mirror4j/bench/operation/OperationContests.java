package org.mirror4j.bench.operation;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mirror4j.bench.contest.Contender;
import org.mirror4j.bench.contest.Contest;
import org.mirror4j.bench.contest.Environment;
import org.mirror4j.bench.contest.Protocol;
import org.mirror4j.bench.contest.Work;
import org.mirror4j.device.Precision;

/** Fused operations beside DJL's sequences. */
public final class OperationContests {
  /** Group of these contests. */
  public static final String GROUP = "fused-operations";

  private OperationContests() {}

  /** One operation. */
  public static Contest operation(FusedOperations.Case operation, int threads, Protocol protocol) {
    String name = operation.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return contest(
        name,
        FusedOperations.class,
        Map.of("operation", operation.name()),
        operation.operation().work(),
        threads,
        protocol);
  }

  /** The optimiser's update. */
  public static Contest adamW(int threads, Protocol protocol) {
    return contest("adamw", AdamWUpdate.class, Map.of(), AdamWUpdate.work(), threads, protocol);
  }

  private static Contest contest(
      String name,
      Class<?> type,
      Map<String, String> parameters,
      Work work,
      int threads,
      Protocol protocol) {
    Map<String, String> engine = new HashMap<>(parameters);
    engine.put("threads", Integer.toString(threads));
    return new Contest(
        GROUP,
        name,
        protocol,
        List.of(
            new Contender(
                Contender.engine(Precision.F32, threads),
                Contender.benchmark(type, "mirror4j"),
                engine,
                Environment.ENGINE,
                threads,
                work),
            new Contender(
                "DJL, memory kept",
                Contender.benchmark(type, "djl"),
                parameters,
                Environment.RIVAL_KEEPING_MEMORY,
                threads,
                work)));
  }
}
