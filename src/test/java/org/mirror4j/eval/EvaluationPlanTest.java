package org.mirror4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.device.host.HostDevice;

class EvaluationPlanTest {
  private static final String HEADER = "id\tpos\tword1\tword2\tscore\n";

  @TempDir Path data;
  @AutoClose private final HostDevice device = new HostDevice(1);
  private final List<String> notices = new ArrayList<>();
  private final List<List<String>> encoded = new ArrayList<>();

  /** Knows words of Latin letters; no text is longer than its maximum of 4 characters. */
  private final MeasuredEncoder latin =
      new MeasuredEncoder() {
        @Override
        public void encode(List<String> texts, Consumer<float[]> vectors) {
          encoded.add(texts);
          texts.stream()
              .map(t -> new float[] {1, t.length(), t.chars().sum() % 7})
              .forEach(vectors);
        }

        @Override
        public Coverage coverage(List<String> texts) {
          return new Coverage(
              texts.size(),
              (int) texts.stream().filter(t -> t.length() > 4).count(),
              texts.size(),
              texts.stream().filter(t -> t.charAt(0) > 'z').count());
        }
      };

  @BeforeEach
  void layout() throws IOException {
    write("wordsim/A.txt", "aa\tab\t3\nab\tba\t2\nba\tbbbbb\t1\n");
    write("wordsim/B.txt", "a\tabc\t1\nab\tb\t2\nbab\tbb\t4\n");
    write("wordsim/C.txt", "aa\tab\t3\nab\tba\t2\nba\tbbbbb\t1\n");
    write("multisimlex/pairs/ENG.tsv", HEADER + "1\tn\ta\tbb\t1\n2\tn\tab\tc\t2\n3\tn\ta\tbc\t3\n");
    write("multisimlex/pairs/FRA.tsv", HEADER + "1\tn\te\tff\t1\n2\tn\teg\th\t2\n3\tn\te\tab\t1\n");
    write("multisimlex/pairs/RUS.tsv", HEADER + "1\tn\tя\tбб\t1\n2\tn\tяб\tв\t2\n3\tn\tя\tбв\t3\n");
  }

  private Path write(String name, String text) throws IOException {
    Path file = data.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private EvaluationPlan plan(String... names) {
    return EvaluationPlan.of(
        List.of(names).stream().map(new Tasks(data)::resolve).toList(), notices::add);
  }

  private List<Measurement> measure(MeasuredEncoder encoder, String... names) {
    List<Measurement> results = new ArrayList<>();
    plan(names).evaluate(device, encoder, task -> {}, results::add);
    return results;
  }

  @Test
  void theSamePairsAreMeasuredOnce() {
    List<Measurement> results =
        measure(latin, "wordsim", "a", "C", "wordsim", "pairs:" + data.resolve("wordsim/B.txt"));
    assertThat(results).extracting(Measurement::task).containsExactly("A", "B", "wordsim");
    assertThat(encoded).hasSize(2);
    assertThat(notices)
        .contains(
            "C holds the same as A: measured once, as A",
            "B.txt holds the same as B: measured once, as B");
    // The mean of two sets, not of three.
    assertThat(results.getLast().measure()).isEqualTo(Measurement.Measure.MEAN_SPEARMAN);
    assertThat(results.getLast().value())
        .isCloseTo((results.get(0).value() + results.get(1).value()) / 2, within(1e-10));
    assertThat(results.getLast().items()).isEqualTo(6);
  }

  @Test
  void aMeanWaitsForItsLastMember() {
    assertThat(measure(latin, "B", "wordsim", "multisimlex-FRA"))
        .extracting(Measurement::task)
        .containsExactly("B", "A", "wordsim", "multisimlex-FRA");
  }

  @Test
  void filesOfOneNameAreToldApart() throws IOException {
    Path first = write("x/p.tsv", "a\tb\t1\nab\tb\t2\n");
    Path second = write("y/p.tsv", "a\tb\t1\nab\tb\t3\n");
    assertThat(plan("pairs:" + first, "pairs:" + second, "isotropy:" + second).tasks())
        .containsExactly("p.tsv", second.toString(), second + " (2)");
  }

  @Test
  void languagesThatAModelHasNotAreMarkedAndLeftOutOfMeans() {
    Map<String, Measurement> results =
        measure(latin, "multisimlex").stream()
            .collect(Collectors.toMap(Measurement::task, measurement -> measurement));
    Measurement russian = results.get("multisimlex-RUS");
    assertThat(russian.coverage().unknownShare()).isEqualTo(1);
    assertThat(russian.notes()).containsExactly("100.0 % of the words are unknown to the model");
    Measurement english = results.get("multisimlex-ENG");
    Measurement french = results.get("multisimlex-FRA");
    assertThat(english.notes()).isEmpty();
    Measurement mean = results.get("multisimlex");
    assertThat(mean.value()).isCloseTo((english.value() + french.value()) / 2, within(1e-10));
    assertThat(mean.items()).isEqualTo(9);
    assertThat(mean.notes())
        .containsExactly(
            "mean of 2 of 3 sets, without those of words unknown to the model: multisimlex-RUS");
  }

  /** At half, a language is still the model's. */
  @Test
  void moreThanHalfOfTheWordsDecide() {
    assertThat(new Coverage(1, 0, 4, 2).isKnown()).isTrue();
    assertThat(new Coverage(1, 0, 4, 3).isKnown()).isFalse();
    assertThat(Coverage.NONE.isKnown()).isTrue();
  }

  @Test
  void cutTextsAreCounted() {
    assertThat(measure(latin, "A").getFirst().notes())
        .containsExactly("1 of 4 texts cut at the maximum length");
  }

  @Test
  void valuesThatAreNotDefinedAreNamed() {
    MeasuredEncoder collapsed =
        (texts, vectors) -> texts.stream().map(t -> new float[] {1, 2}).forEach(vectors);
    List<Measurement> results = measure(collapsed, "wordsim");
    assertThat(results).extracting(Measurement::value).containsOnly(Double.NaN);
    assertThat(results.getFirst().notes())
        .containsExactly("all 3 pairs have the cosine 1.0000, as \"aa\" and \"ab\"");
    assertThat(results.getLast().notes()).containsExactly("not defined for A, B");
    MeasuredEncoder broken =
        (texts, vectors) -> texts.stream().map(t -> new float[] {1, Float.NaN}).forEach(vectors);
    assertThatThrownBy(() -> measure(broken, "wordsim"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("A: encoder: the vector of \"aa\" holds NaN, expected finite values");
  }
}
