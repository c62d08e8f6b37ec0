package org.mirror4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.support.SharedData;

class LexicalBiasTest {
  @TempDir Path data;
  @AutoClose private final HostDevice device = new HostDevice(1);

  /** Texts of as many characters are the same to it; the lengths differ, the less alike. */
  private final MeasuredEncoder lengths =
      (texts, vectors) ->
          texts.stream().map(text -> new float[] {10, text.length()}).forEach(vectors);

  @ParameterizedTest
  @CsvSource({
    "'', '', 0",
    "'', a b c, 3",
    "a b c, A  b C, 0",
    "a b c, a x c, 1",
    "a b c, b c, 1",
    "a b c, c a b, 2",
    "ab c, a bc, 2",
    "I like this restaurant, I dislike this restaurant, 1",
    "' a b ', 'b a', 2"
  })
  void wordsAreEdited(String a, String b, int distance) {
    assertThat(EditDistance.of(a, b)).isEqualTo(distance);
    assertThat(EditDistance.of(b, a)).isEqualTo(distance);
  }

  @Test
  void theDefinitionFromTheOtherEnd() {
    Random random = new Random(4);
    for (int i = 0; i < 200; i++) {
      List<String> a = words(random);
      List<String> b = words(random);
      assertThat(EditDistance.of(String.join(" ", a), String.join(" ", b)))
          .as("%s, %s", a, b)
          .isEqualTo(recursive(a, b));
    }
  }

  private static List<String> words(Random random) {
    return random
        .ints(random.nextInt(6), 0, 3)
        .mapToObj(word -> "abc".substring(word, word + 1))
        .collect(Collectors.toList());
  }

  private static int recursive(List<String> a, List<String> b) {
    if (a.isEmpty() || b.isEmpty()) {
      return a.size() + b.size();
    }
    List<String> restOfA = a.subList(1, a.size());
    List<String> restOfB = b.subList(1, b.size());
    return a.getFirst().equals(b.getFirst())
        ? recursive(restOfA, restOfB)
        : 1
            + Math.min(
                recursive(restOfA, restOfB),
                Math.min(recursive(restOfA, b), recursive(a, restOfB)));
  }

  private List<Measurement> measure(String pairs) throws IOException {
    Path file = data.resolve("sts/joined/stsb.dev.tsv");
    Files.createDirectories(file.getParent());
    Files.writeString(file, pairs);
    List<Measurement> results = new ArrayList<>();
    EvaluationPlan.of(List.of(new Tasks(data).resolve("stsb-dev-edit-distance")), notice -> {})
        .evaluate(device, lengths, task -> {}, results::add);
    return results;
  }

  @Test
  void cosinesAndScoresAgainstDistances() throws IOException {
    // Distances 0, 1, 2, 3; lengths differ by 0, 2, 8, 5, and cosines the other way round.
    List<Measurement> results =
        measure("5\ta b\tA B\n4\ta b c\tb c\n\tnot\tscored\n1\ta\ta bcd efg\n2\ta\tx y bb\n");
    assertThat(results)
        .extracting(result -> result.task() + ", " + result.measure().label())
        .containsExactly(
            "stsb-dev-edit-distance, Spearman with edit distance",
            "stsb-dev-edit-distance, scores' Spearman with edit distance");
    // Of four ranks rho = 1 - sum of squared differences / 10: ranks 4 3 1 2 against 1 2 3 4.
    assertThat(results)
        .allSatisfy(result -> assertThat(result.value()).isCloseTo(-80, within(1e-11)));
    assertThat(results).allSatisfy(result -> assertThat(result.items()).isEqualTo(4));
    assertThat(results).allSatisfy(result -> assertThat(result.skippedLines()).isEqualTo(1));
  }

  @Test
  void equalDistancesAndSimilaritiesHaveNoRanking() throws IOException {
    List<Measurement> distances = measure("5\ta b\ta c\n4\ta b\ta cde\n");
    assertThat(distances).extracting(Measurement::value).containsOnly(Double.NaN);
    assertThat(distances.getFirst().notes())
        .containsExactly(
            "distances of edits of whole words, in lower case; all pairs have the same edit"
                + " distance");
    List<Measurement> cosines = measure("5\ta b\tc d\n4\ta b\ta c\n");
    assertThat(cosines.getFirst().remark()).endsWith("; all pairs have the same similarity");
    assertThat(cosines.getLast().value()).isCloseTo(100, within(1e-12));
  }

  /** The parts of STS-B have their names and roles, and are other data than their scores. */
  @Test
  void tasks() throws IOException {
    measure("5\ta b\tA B\n4\ta b c\tb c\n");
    Tasks tasks = new Tasks(data);
    assertThat(tasks.names())
        .contains("stsb-edit-distance", "stsb-dev-edit-distance", "stsb-train-edit-distance");
    EvaluationTask dev = tasks.resolve("STSB_dev_edit_distance").tasks().getFirst();
    assertThat(dev.isTestSet()).isFalse();
    assertThat(
            EvaluationPlan.of(
                    List.of(tasks.resolve("stsb-dev"), tasks.resolve("stsb-dev-edit-distance")),
                    notice -> {})
                .tasks())
        .containsExactly("stsb-dev", "stsb-dev-edit-distance");
  }

  /** What SciPy's spearmanr and a distance of its own give on the same files. */
  @Test
  void scoresOfTheBenchmark() {
    assertThat(scores("stsb-dev")).isCloseTo(-23.92, within(0.005));
    assertThat(scores("stsb")).isCloseTo(-15.82, within(0.005));
  }

  private double scores(String set) {
    SharedData.require("data/sts");
    Tasks tasks = new Tasks(SharedData.require("data"));
    List<Measurement> results = new ArrayList<>();
    EvaluationPlan.of(List.of(tasks.resolve(set + "-edit-distance")), notice -> {})
        .evaluate(device, lengths, task -> {}, results::add);
    return results.getLast().value();
  }
}
