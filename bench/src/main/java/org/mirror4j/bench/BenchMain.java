package org.mirror4j.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.mirror4j.bench.contest.Checkout;
import org.mirror4j.bench.contest.Contest;
import org.mirror4j.bench.contest.Forks;
import org.mirror4j.bench.embedding.MiniLm;
import org.mirror4j.bench.embedding.Sentences;
import org.mirror4j.bench.report.Machine;
import org.mirror4j.bench.report.Page;
import org.mirror4j.bench.report.Results;
import org.mirror4j.bench.serving.ServingLoad;
import org.mirror4j.bench.training.GradientParity;
import org.mirror4j.bench.training.StepHeap;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.tensor.DType;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs the contests, writes their results and the page about them; started by {@code run.sh}. */
@Command(
    name = "bench/run.sh",
    description = "Measures mirror4j beside its rivals and writes bench/results.",
    footer = "Exit codes: 0 done, 1 failed, 2 wrong usage.")
public final class BenchMain implements Callable<Integer> {
  /** What is measured once, beside the contests: {@code key} names it in the file. */
  private record Note(String name, String key, boolean quick, Measuring measuring) {
    interface Measuring {
      /** Empty where what it needs is not there. */
      Optional<ObjectNode> run() throws IOException;
    }
  }

  /** Texts that clients of a server send, and how long each number of clients does. */
  private static final int SERVED_TEXTS = 2_000;

  private static final double SERVED_SECONDS = 20;

  private static final List<Note> NOTES =
      List.of(
          new Note("starts", "starts", true, () -> Optional.of(Starts.run())),
          new Note("parity", "parity", false, BenchMain::parity),
          new Note("step-heap", "stepHeap", false, BenchMain::stepHeap),
          new Note("serving", "serving", false, BenchMain::serving),
          new Note("word-recipe", "wordRecipe", false, WordRecipe::run));

  private static final UnaryOperator<String> SKIPPED = " (skipped: %s)"::formatted;

  @Spec private CommandSpec spec;

  @Option(names = "--full", description = "All sizes: an hour and more instead of ten minutes.")
  private boolean full;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Forks of each side. Default: 1, with --full 3.")
  private Integer rounds;

  @Option(names = "--list", description = "Names what would be measured, and measures nothing.")
  private boolean list;

  @Option(names = "--verbose", description = "Show the stack of a failure.")
  private boolean verbose;

  @Option(names = "--help", usageHelp = true, description = "Show this help and leave.")
  private boolean help;

  @Parameters(
      paramLabel = "NAME",
      arity = "0..*",
      description = "Only what has a name that begins so, as in --list.")
  private List<String> wanted = new ArrayList<>();

  private BenchMain() {}

  /** Measures and ends the program. */
  public static void main(String[] arguments) {
    // Results are the same for every user, digits included.
    Locale.setDefault(Locale.ROOT);
    BenchMain main = new BenchMain();
    CommandLine commandLine =
        new CommandLine(main)
            .setUsageHelpWidth(100)
            .setParameterExceptionHandler((problem, all) -> main.fail(problem, 2))
            .setExecutionExceptionHandler((problem, command, parsed) -> main.fail(problem, 1));
    System.exit(commandLine.execute(arguments));
  }

  private int fail(Exception problem, int status) {
    String message = Objects.requireNonNullElse(problem.getMessage(), problem.toString());
    System.err.println("bench/run.sh: " + message);
    if (verbose) {
      problem.printStackTrace();
    }
    return status;
  }

  @Override
  public Integer call() throws IOException {
    if (rounds == null) {
      rounds = full ? 3 : 1;
    } else if (rounds < 1) {
      throw wrong("--rounds is " + rounds + ", expected at least 1");
    }
    int threads = Runtime.getRuntime().availableProcessors();
    List<Contest> all = new Suite(full, rounds, threads, precisions(), integers()).contests();
    List<Contest> contests = all.stream().filter(contest -> isWanted(contest.fullName())).toList();
    List<Note> notes =
        NOTES.stream()
            .filter(note -> wanted.isEmpty() ? full || note.quick : isWanted(note.name))
            .toList();
    requireNames(
        Stream.concat(all.stream().map(Contest::fullName), NOTES.stream().map(Note::name))
            .toList());
    if (list) {
      contests.forEach(
          contest ->
              System.out.println(contest.fullName() + contest.skipped().map(SKIPPED).orElse("")));
      notes.forEach(note -> System.out.println(note.name));
    } else {
      measure(contests, notes, threads);
    }
    return 0;
  }

  private boolean isWanted(String name) {
    return wanted.isEmpty() || wanted.stream().anyMatch(name::startsWith);
  }

  private void requireNames(List<String> names) {
    for (String beginning : wanted) {
      if (names.stream().noneMatch(name -> name.startsWith(beginning))) {
        throw wrong(
            "no name begins with '%s': see --list%s"
                .formatted(beginning, full ? "" : ", or --full --list for all"));
      }
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static void measure(List<Contest> contests, List<Note> notes, int threads)
      throws IOException {
    Path folder = Checkout.path("bench/results");
    ObjectNode machine = Machine.describe(threads);
    Results results = Results.open(folder.resolve(Machine.fileName(machine)));
    results.machine(machine);
    Forks forks = new Forks(Checkout.path("target/bench/forks"));
    for (Contest contest : contests) {
      if (contest.skipped().isPresent()) {
        System.err.println(contest.fullName() + contest.skipped().map(SKIPPED).get());
      } else {
        forks.run(contest, results::put);
      }
    }
    for (Note note : notes) {
      Optional<ObjectNode> result = note.measuring.run();
      if (result.isPresent()) {
        results.note(note.key, result.get());
      }
    }
    Page.write(folder);
  }

  private static Optional<ObjectNode> parity() throws IOException {
    return printed(Children.java(GradientParity.class, "base", "word", "200"));
  }

  private static Optional<ObjectNode> stepHeap() throws IOException {
    List<String> arguments = new ArrayList<>(List.of("base", "word", "200"));
    arguments.add(Integer.toString(Runtime.getRuntime().availableProcessors()));
    precisions().forEach(precision -> arguments.add(precision.name()));
    return printed(Children.java(StepHeap.class, arguments.toArray(String[]::new)));
  }

  private static Optional<ObjectNode> serving() throws IOException {
    List<String> texts = Sentences.read(SERVED_TEXTS).texts();
    return Optional.of(
        new ServingLoad("MiniLM", MiniLm.converted().directory(), texts, SERVED_SECONDS)
            .run(List.of(Checkout.path("mirror4j").toString())));
  }

  private static Optional<ObjectNode> printed(String json) throws IOException {
    return Optional.of((ObjectNode) new ObjectMapper().readTree(json));
  }

  /** What the engine computes in. */
  private static List<Precision> precisions() {
    try (HostDevice device = new HostDevice(1)) {
      return device.precisions().stream().sorted().toList();
    }
  }

  /** Whether the engine encodes with weights in int8. */
  private static boolean integers() {
    try (HostDevice device = new HostDevice(1)) {
      return device.packed(DType.INT8).isPresent();
    }
  }
}
