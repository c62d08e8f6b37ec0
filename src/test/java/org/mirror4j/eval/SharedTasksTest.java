package org.mirror4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.support.SharedData;

/** The real data sets: every file is read and has the size its authors state. */
class SharedTasksTest {
  @AutoClose private final HostDevice device = new HostDevice(1);

  @Test
  void wordSimilarity() {
    Map<String, ScoredPairs> sets = read("wordsim", "wordsim");
    // EN-VERB-143 has one more than its name says.
    Map<String, Integer> sizes =
        new HashMap<>(
            Map.of(
                "EN-MC-30",
                30,
                "EN-MTurk-287",
                287,
                "EN-MTurk-771",
                771,
                "EN-RG-65",
                65,
                "EN-RW-STANFORD",
                2034,
                "EN-SIMLEX-999",
                999,
                "EN-VERB-143",
                144,
                "EN-WS-353-ALL",
                353,
                "EN-WS-353-REL",
                252,
                "EN-WS-353-SIM",
                203));
    for (String language : new String[] {"english", "german", "italian", "russian"}) {
      sizes.put("simlex-" + language, 999);
      sizes.put("wordsim353-" + language, 350);
      sizes.put("wordsim353-" + language + "-rel", 252);
      sizes.put("wordsim353-" + language + "-sim", 201);
    }
    assertSizes(sets, sizes);

    assertThat(sets.get("simlex-german").pairs().getFirst())
        .isEqualTo(new ScoredPair("alt", "neu", 0.076923077));
    assertThat(sets.get("EN-WS-353-ALL").pairs())
        .contains(new ScoredPair("Jerusalem", "Israel", 8.46));
    assertThat(sets.get("wordsim353-russian").pairs())
        .contains(new ScoredPair("картофель", "огурец", 4.69));
    // The same data in two formats.
    assertThat(read("wordsim", "SimLex-999").get("SimLex-999").pairs())
        .isEqualTo(sets.get("EN-SIMLEX-999").pairs());
    assertThat(read("wordsim", "rw").get("rw").pairs())
        .isEqualTo(sets.get("EN-RW-STANFORD").pairs());
  }

  @Test
  void multiSimLex() {
    Map<String, ScoredPairs> sets = read("multisimlex", "multisimlex");
    assertThat(sets.keySet())
        .containsExactly(
            "ARA CMN CYM ENG EST FIN FRA HEB POL RUS SPA YUE"
                .transform(s -> "multisimlex-" + s.replace(" ", " multisimlex-"))
                .split(" "));
    assertThat(sets.values()).allSatisfy(set -> assertThat(set.pairs()).hasSize(1888));
    assertThat(sets.values())
        .allSatisfy(
            set ->
                assertThat(set.pairs())
                    .allSatisfy(pair -> assertThat(pair.score()).isBetween(0.0, 6.0)));
    assertThat(sets.get("multisimlex-ENG").pairs().getFirst())
        .isEqualTo(new ScoredPair("arm", "muscle", 0.6923076923076923));
  }

  @Test
  void crossLingual() {
    Map<String, ScoredPairs> sets = read("multisimlex", "crosslingual");
    assertSizes(
        sets,
        Map.of(
            "crosslingual-CMN-HEB",
            2381,
            "crosslingual-ENG-CMN",
            2721,
            "crosslingual-ENG-FRA",
            1512,
            "crosslingual-ENG-HEB",
            2657,
            "crosslingual-FRA-CMN",
            1558,
            "crosslingual-FRA-HEB",
            2252));
    assertThat(sets.get("crosslingual-ENG-FRA").pairs().getFirst())
        .isEqualTo(new ScoredPair("roof", "plafond", 4.0462));
  }

  @Test
  void sentenceSimilarity() {
    assertSizes(
        read("sts", "sts"),
        Map.of(
            "sts12", 3108, "sts13", 1500, "sts14", 3750, "sts15", 3000, "sts16", 1186, "stsb", 1379,
            "sickr", 4927));
    Map<String, Integer> sizes = new HashMap<>();
    for (String track : new String[] {"ar-ar", "ar-en", "es-es", "es-en-4a", "es-en-4b", "en-en"}) {
      sizes.put("sts17-" + track, 250);
    }
    assertSizes(read("sts", "sts17"), sizes);
    assertSizes(
        read("sts", "multilingual-sts"),
        Map.of("sts17-es-es", 250, "sts17-ar-ar", 250, "stsb-ru", 1379));
    for (String language : new String[] {"de", "es", "fr", "it", "pl", "zh"}) {
      assertSizes(read("sts", "stsb-" + language), Map.of("stsb-" + language, 1379));
    }
    assertSizes(read("sts", "stsb-dev"), Map.of("stsb-dev", 1500));
    assertSizes(read("sts", "stsb-train"), Map.of("stsb-train", 5749));
    assertSizes(read("sts", "sickr-trial"), Map.of("sickr-trial", 500));
    assertSizes(read("sts", "sickr-train"), Map.of("sickr-train", 4500));
    assertSizes(read("sts", "sickr-all"), Map.of("sickr-all", 4500 + 500 + 4927));
  }

  @Test
  void sharedWordsPredictSentenceSimilarity() {
    SharedData.require("data/sts");
    List<Measurement> results = new ArrayList<>();
    EvaluationPlan.of(List.of(new Tasks(SharedData.require("data")).resolve("sts")), notice -> {})
        .evaluate(device, SharedTasksTest::hashedWords, task -> {}, results::add);
    // Were scores or sentences out of step, rho would lie within 3 / sqrt(1186) = 9 of nought.
    assertThat(results).allSatisfy(result -> assertThat(result.value()).isBetween(25.0, 90.0));
    assertThat(results.getLast().items()).isEqualTo(18_850);
    assertThat(results.getLast().value())
        .isCloseTo(
            results.subList(0, 7).stream().collect(Collectors.averagingDouble(Measurement::value)),
            within(1e-9));
  }

  private static void hashedWords(List<String> texts, Consumer<float[]> vectors) {
    for (String text : texts) {
      float[] vector = new float[256];
      for (String word : text.split("\\W+")) {
        vector[word.hashCode() & 255]++;
      }
      vectors.accept(vector);
    }
  }

  private static Map<String, ScoredPairs> read(String folder, String task) {
    SharedData.require("data/" + folder);
    Map<String, ScoredPairs> sets = new LinkedHashMap<>();
    for (EvaluationTask member : new Tasks(SharedData.require("data")).resolve(task).tasks()) {
      sets.put(member.name(), (ScoredPairs) member.read(notice -> {}));
    }
    return sets;
  }

  private static void assertSizes(Map<String, ScoredPairs> sets, Map<String, Integer> sizes) {
    Map<String, Integer> found = new LinkedHashMap<>();
    sets.forEach((name, set) -> found.put(name, set.pairs().size()));
    assertThat(found).isEqualTo(sizes);
    assertThat(sets.values()).allSatisfy(set -> assertThat(set.skippedLines()).isZero());
  }
}
