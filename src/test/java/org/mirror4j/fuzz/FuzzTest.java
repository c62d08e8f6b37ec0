package org.mirror4j.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every reader against damaged files: a few thousand inputs, the same in every run. By hand:
 *
 * <pre>
 *   mvn test -Dtest=FuzzTest -Dfuzz=1000000                        all formats, by their speed
 *   mvn test -Dtest=FuzzTest -Dfuzz=100000 -Dfuzz.format=onnx      one format
 *   mvn test -Dtest=FuzzTest -Dfuzz.format=onnx -Dfuzz.seed=17     one input, with its stack
 * </pre>
 *
 * {@code -Dfuzz.from=N} begins with another number. Bad inputs are kept in {@code target/fuzz},
 * with the figures by format.
 */
class FuzzTest {
  private static final Path KEPT = Path.of("target", "fuzz");

  /** Inputs of a format in an ordinary run. */
  private static final long FEW = 400;

  /** Of one that starts a process or draws a picture. */
  private static final long FEW_SLOW = 100;

  /** For the speed of a format. */
  private static final long SAMPLE = 200;

  private static final Map<String, FuzzFigures> FIGURES = new LinkedHashMap<>();
  private static final Map<String, Long> COUNTS = new LinkedHashMap<>();

  static List<String> formats() {
    String one = System.getProperty("fuzz.format");
    return one == null ? FuzzTargets.names() : List.of(FuzzTargets.named(one).name());
  }

  /** Gives each format as many inputs as it reads in an equal share of the time. */
  @BeforeAll
  static void plan() {
    long inputs = Long.getLong("fuzz", 0);
    Map<String, Double> speeds = new LinkedHashMap<>();
    for (String format : formats()) {
      FuzzTarget target = FuzzTargets.named(format);
      COUNTS.put(format, target.isNative() || format.equals("plot") ? FEW_SLOW : FEW);
      if (inputs > 0) {
        speeds.put(format, run(target, 0, SAMPLE).perSecond());
      }
    }
    double all = speeds.values().stream().mapToDouble(speed -> speed).sum();
    speeds.forEach(
        (format, speed) -> COUNTS.put(format, Math.max(SAMPLE, Math.round(inputs * speed / all))));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void endsInSuccessOrARefusal(String format) throws IOException {
    FuzzTarget target = FuzzTargets.named(format);
    Long seed = Long.getLong("fuzz.seed");
    long from = seed == null ? Long.getLong("fuzz.from", 0) : seed;
    FuzzFigures figures = run(target, from, from + (seed == null ? COUNTS.get(format) : 1));
    FIGURES.put(format, figures);
    List<String> bad = new ArrayList<>();
    for (Ending ending : figures.bad()) {
      keep(target, ending);
      bad.add(
          "-Dtest=FuzzTest -Dfuzz.format=%s -Dfuzz.seed=%d: %s"
              .formatted(format, ending.number(), ending.detail()));
    }
    assertThat(bad).as("%d bad endings", figures.count(Ending.Kind.BAD)).isEmpty();
  }

  private static FuzzFigures run(FuzzTarget target, long from, long to) {
    FuzzFigures figures = new FuzzFigures(target.name());
    try (FuzzRunner runner = FuzzRunner.of(target)) {
      runner.run(from, to, figures::add);
    }
    return figures;
  }

  /** The files of the input, and how it ended. */
  private static void keep(FuzzTarget target, Ending ending) throws IOException {
    Path folder = KEPT.resolve(target.name() + "-" + ending.number());
    Files.createDirectories(folder);
    new FuzzGenerator(target).input(ending.number()).write(folder.resolve("input"));
    // Half of a surrogate pair, which a message may hold, becomes a question mark.
    Files.write(folder.resolve("ending.txt"), ending.detail().getBytes(StandardCharsets.UTF_8));
  }

  @AfterAll
  static void tellFigures() throws IOException {
    List<String> table = new ArrayList<>(List.of(FuzzFigures.HEADER));
    FIGURES.values().forEach(figures -> table.add(figures.toString()));
    Files.createDirectories(KEPT);
    Files.write(KEPT.resolve("figures.txt"), table);
    if (Long.getLong("fuzz") != null) {
      table.forEach(System.out::println);
    }
  }
}
