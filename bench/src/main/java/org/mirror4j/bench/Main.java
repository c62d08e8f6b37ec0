package org.mirror4j.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mirror4j.bench.contest.Contest;
import org.mirror4j.bench.contest.Forks;
import org.mirror4j.bench.report.Machine;
import org.mirror4j.bench.report.Page;
import org.mirror4j.bench.report.Results;
import org.mirror4j.bench.training.GradientParity;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.tensor.DType;

/** Runs the contests, writes their results and the page about them; started by {@code run.sh}. */
public final class Main {
  private Main() {}

  /**
   * Arguments: {@code --full} for the long run, {@code --rounds N} for the number of forks of each
   * side, {@code --list} to name the contests only, and the beginnings of names {@code group:
   * contest} to run no others, {@code starts}, {@code parity} and {@code word-recipe} among them.
   */
  public static void main(String[] arguments) throws IOException {
    List<String> wanted = new ArrayList<>(List.of(arguments));
    boolean full = wanted.remove("--full");
    boolean list = wanted.remove("--list");
    int rounds = full ? 3 : 1;
    int option = wanted.indexOf("--rounds");
    if (option >= 0) {
      wanted.remove(option);
      rounds = Integer.parseInt(wanted.remove(option));
    }
    int threads = Runtime.getRuntime().availableProcessors();
    Path folder = Checkout.path("bench/results");
    ObjectNode machine = Machine.describe(threads);
    Results results = Results.open(folder.resolve(Machine.fileName(machine)));
    results.machine(machine);
    Forks forks = new Forks(Checkout.path("target/bench/forks"));
    for (Contest contest : new Suite(full, rounds, threads, precisions()).contests()) {
      String name = contest.group() + ": " + contest.name();
      if (!wanted.isEmpty() && wanted.stream().noneMatch(name::startsWith)) {
        continue;
      }
      if (list) {
        System.out.println(name);
      } else {
        forks.run(contest, results::put);
      }
    }
    if (!list) {
      if (wanted.isEmpty() || wanted.contains("starts")) {
        results.note("starts", Starts.run());
      }
      if (full && wanted.isEmpty() || wanted.contains("parity")) {
        String parity = Children.java(GradientParity.class, "base", "word", "200");
        results.note("parity", new ObjectMapper().readTree(parity));
      }
      if (full && wanted.isEmpty() || wanted.contains("word-recipe")) {
        Optional<ObjectNode> recipe = WordRecipe.run();
        if (recipe.isPresent()) {
          results.note("wordRecipe", recipe.get());
        }
      }
      Page.write(folder);
    }
  }

  /** Types that the engine stores activations in. */
  private static List<DType> precisions() {
    try (HostDevice device = new HostDevice(1)) {
      return device.storageTypes().stream().sorted().filter(t -> t != DType.F16).toList();
    }
  }
}
