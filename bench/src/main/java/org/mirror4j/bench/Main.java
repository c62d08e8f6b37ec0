package org.mirror4j.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mirror4j.bench.contest.Contest;
import org.mirror4j.bench.contest.Forks;
import org.mirror4j.bench.contest.Protocol;
import org.mirror4j.bench.training.TrainingContests;

/** Runs the contests and writes the results; started by {@code bench/run.sh}. */
public final class Main {
  private Main() {}

  /** Arguments: {@code --full}, and names of groups to run no others. */
  public static void main(String[] arguments) throws IOException {
    List<String> groups = new ArrayList<>(List.of(arguments));
    boolean full = groups.remove("--full");
    int threads = Runtime.getRuntime().availableProcessors();
    TrainingContests training = new TrainingContests(threads);
    int calls = Workload.BATCHES;
    List<Contest> contests = new ArrayList<>();
    contests.add(training.contest("base", "word", full, Protocol.calls(full ? 3 : 2, 1, 1, calls)));
    Forks forks = new Forks(Checkout.path("target/bench/forks"));
    for (Contest contest : contests) {
      if (groups.isEmpty() || groups.contains(contest.group())) {
        forks.run(contest);
      }
    }
  }
}
