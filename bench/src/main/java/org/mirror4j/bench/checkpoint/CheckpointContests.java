package org.mirror4j.bench.checkpoint;

import java.util.List;
import java.util.Map;
import org.mirror4j.bench.contest.Contender;
import org.mirror4j.bench.contest.Contest;
import org.mirror4j.bench.contest.Environment;
import org.mirror4j.bench.contest.Protocol;
import org.mirror4j.bench.contest.Work;

/** Safetensors files beside DJL's. */
public final class CheckpointContests {
  /** Group of these contests. */
  public static final String GROUP = "checkpoint";

  private CheckpointContests() {}

  /**
   * One direction.
   *
   * @param what {@code read} or {@code write}
   */
  public static Contest contest(String what, int threads, Protocol protocol) {
    Work work = Work.movement(CheckpointFiles.TENSORS, "tensors", CheckpointFiles.BYTES);
    return new Contest(
        GROUP,
        what,
        protocol,
        List.of(
            contender("mirror4j", what + "ByMirror4j", Environment.ENGINE, threads, work),
            contender("DJL", what + "ByDjl", Environment.RIVAL, threads, work)));
  }

  private static Contender contender(
      String side, String method, Environment environment, int threads, Work work) {
    return new Contender(
        side,
        Contender.benchmark(CheckpointFiles.class, method),
        Map.of(),
        environment,
        threads,
        work);
  }
}
