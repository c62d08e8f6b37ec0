package org.mirror4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.search.Vectors;
import org.mirror4j.statistics.Cosine;
import org.mirror4j.support.SharedData;

class LexiconInductionTest {
  private static final int DIMENSION = 6;
  private static final int TRAIN = 40;
  private static final int TEST = 25;

  @TempDir Path data;
  @AutoClose private final HostDevice device = new HostDevice(1);

  private final Map<String, float[]> vectors = new HashMap<>();

  /** Knows the vectors of words. */
  private final MeasuredEncoder encoder =
      (texts, taken) -> texts.forEach(text -> taken.accept(vectors.get(text)));

  private Path write(String name, String text) throws IOException {
    Path file = data.resolve("xling").resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private static String lines(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj("x%1$d\ty%1$d\n"::formatted)
        .collect(Collectors.joining());
  }

  /** Word y of a number is word x with its halves exchanged, and noise. */
  private void space(double noise) {
    Random random = new Random(3);
    for (int word = 0; word < TRAIN + TEST; word++) {
      float[] x = new float[DIMENSION];
      float[] y = new float[DIMENSION];
      for (int i = 0; i < DIMENSION; i++) {
        x[i] = (float) random.nextGaussian();
      }
      for (int i = 0; i < DIMENSION; i++) {
        y[i] = (float) (x[(i + DIMENSION / 2) % DIMENSION] + noise * random.nextGaussian());
      }
      vectors.put("x" + word, x);
      vectors.put("y" + word, y);
    }
  }

  private List<Measurement> measure(MeasuredEncoder measured, String task) throws IOException {
    write("en-fr/yacle.train.freq.5k.en-fr.tsv", lines(0, TRAIN));
    write("en-fr/yacle.train.freq.1k.en-fr.tsv", lines(0, 3));
    write("en-fr/yacle.test.freq.2k.en-fr.tsv", lines(TRAIN, TRAIN + TEST));
    return evaluate(measured, task);
  }

  private List<Measurement> evaluate(MeasuredEncoder measured, String task) {
    List<Measurement> results = new ArrayList<>();
    EvaluationPlan.of(List.of(new Tasks(data).resolve(task)), notice -> {})
        .evaluate(device, measured, begun -> {}, results::add);
    return results;
  }

  @Test
  void ofTurnedSpacesEveryWordIsFound() throws IOException {
    space(0);
    List<Measurement> results = measure(encoder, "bli-en-fr");
    assertThat(results).extracting(Measurement::task).containsOnly("bli-en-fr");
    assertThat(results)
        .extracting(Measurement::measure)
        .containsExactly(Measurement.Measure.ACCURACY_AT_1, Measurement.Measure.MRR);
    assertThat(results).extracting(Measurement::value).containsOnly(100.0);
    assertThat(results).extracting(Measurement::items).containsOnly(TEST);
    assertThat(results.getFirst().notes())
        .containsExactly(
            "translations sought among the words of the dictionaries, 65 and 65 words, not among"
                + " 200,000");
    // Three pairs leave half of the space open.
    assertThat(measure(encoder, "bli-en-fr-1k").getFirst().value()).isLessThan(100);
  }

  /** Dictionaries may be gzipped, by their content and by their names. */
  @Test
  void gzippedDictionariesAreFound() throws IOException {
    space(0);
    double value = measure(encoder, "bli-en-fr").getFirst().value();
    try (Stream<Path> files = Files.list(data.resolve("xling/en-fr"))) {
      for (Path file : files.toList()) {
        Path gzip = file.resolveSibling(file.getFileName() + ".gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gzip))) {
          Files.copy(file, out);
        }
        Files.delete(file);
      }
    }
    assertThat(new Tasks(data).names()).contains("bli-en-fr");
    assertThat(evaluate(encoder, "bli-en-fr").getFirst().value()).isEqualTo(value);
  }

  /** Against sorts of all scores, written from the formulas. */
  @Test
  void ranksByTheFormulas() throws IOException {
    space(0.8);
    List<Measurement> results = measure(encoder, "bli_EN_fr");
    String[] x = IntStream.range(0, TRAIN + TEST).mapToObj(i -> "x" + i).toArray(String[]::new);
    float[][] targets = new float[x.length][];
    Arrays.setAll(targets, i -> vectors.get("y" + i));
    float[][] mapped = new float[x.length][];
    int[] pairs = IntStream.range(0, TRAIN).toArray();
    try (Vectors a = Vectors.of(Arrays.stream(x).map(vectors::get).toArray(float[][]::new));
        Vectors b = Vectors.of(targets);
        Vectors turned = Procrustes.of(a, pairs, b, pairs).rotate(a)) {
      Arrays.setAll(mapped, turned::get);
    }
    double first = 0;
    double reciprocal = 0;
    for (int word = TRAIN; word < mapped.length; word++) {
      float[] source = mapped[word];
      double[] scores =
          Arrays.stream(targets)
              .mapToDouble(
                  t -> 2 * Cosine.similarity(source, t) - mean(source, targets) - mean(t, mapped))
              .toArray();
      int rank =
          IntStream.range(0, scores.length)
                  .boxed()
                  .sorted(Comparator.comparingDouble(i -> -scores[i]))
                  .toList()
                  .indexOf(word)
              + 1;
      first += rank == 1 ? 1 : 0;
      reciprocal += 1.0 / rank;
    }
    assertThat(first).isBetween(3.0, TEST - 3.0);
    // Sums of 25 terms, in double.
    assertThat(results.get(0).value()).isCloseTo(100 * first / TEST, within(1e-11));
    assertThat(results.get(1).value()).isCloseTo(100 * reciprocal / TEST, within(1e-11));
  }

  private static double mean(float[] vector, float[][] others) {
    double[] sorted =
        Arrays.stream(others).mapToDouble(o -> Cosine.similarity(vector, o)).sorted().toArray();
    return Arrays.stream(sorted, sorted.length - 10, sorted.length).average().orElseThrow();
  }

  @Test
  void aLanguageMayHaveAModelOfItsOwn() throws IOException {
    space(0);
    List<String> asked = new ArrayList<>();
    MeasuredEncoder two =
        new MeasuredEncoder() {
          @Override
          public void encode(List<String> texts, Consumer<float[]> taken) {
            throw new AssertionError("no language was named");
          }

          @Override
          public MeasuredEncoder in(String language) {
            asked.add(language);
            return encoder;
          }
        };
    assertThat(measure(two, "bli-en-fr").getFirst().value()).isEqualTo(100);
    assertThat(asked).containsOnly("en", "fr");
    vectors.put("y0", new float[4]);
    IntStream.range(0, TRAIN + TEST).forEach(i -> vectors.put("y" + i, new float[4]));
    assertThatThrownBy(() -> measure(two, "bli-en-fr"))
        .hasMessage(
            "bli-en-fr: encoder: vectors of 6 values for en and of 4 for fr, expected as many");
  }

  /**
   * The model of some words.
   *
   * @param known what they begin with
   * @param others models of languages
   */
  private record Reader(MeasuredEncoder vectors, String known, Map<String, MeasuredEncoder> others)
      implements MeasuredEncoder {
    @Override
    public void encode(List<String> texts, Consumer<float[]> taken) {
      vectors.encode(texts, taken);
    }

    @Override
    public MeasuredEncoder in(String language) {
      return others.getOrDefault(language, this);
    }

    @Override
    public Coverage coverage(List<String> texts) {
      long unknown = texts.stream().filter(text -> !text.startsWith(known)).count();
      return new Coverage(texts.size(), 0, texts.size(), unknown);
    }
  }

  @Test
  void eachModelReadsTheWordsOfItsLanguage() throws IOException {
    space(0);
    int words = 2 * (TRAIN + TEST);
    Reader english = new Reader(encoder, "x", Map.of());
    assertThat(measure(english, "bli-en-fr").getFirst().coverage())
        .isEqualTo(new Coverage(words, 0, words, words / 2));
    Reader both = new Reader(encoder, "x", Map.of("fr", new Reader(encoder, "y", Map.of())));
    assertThat(evaluate(both, "bli-en-fr").getFirst().coverage())
        .isEqualTo(new Coverage(words, 0, words, 0));
  }

  @Test
  void wordListsAreSearchedToo() throws IOException {
    space(0);
    write("vocabularies/en.txt", "x1\nextra\n");
    write("vocabularies/fr.txt", "y2\nother\nmore\n");
    for (String word : new String[] {"extra", "other", "more"}) {
      vectors.put(word, new float[] {1, 0, 2, 0, 1, 0});
    }
    assertThat(measure(encoder, "bli-en-fr").getFirst().notes())
        .containsExactly("translations sought among 66 and 67 words");
  }

  @ParameterizedTest
  @ValueSource(strings = {"word", "a\tb\tc", "\tb", "a\t "})
  void badPairs(String line) throws IOException {
    space(0);
    measure(encoder, "bli-en-fr");
    Path file = write("en-fr/yacle.test.freq.2k.en-fr.tsv", "a\tb\n" + line + "\n");
    assertThatThrownBy(
            () -> new Tasks(data).resolve("bli-en-fr").tasks().getFirst().read(notice -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(file + ":2: ")
        .hasMessageEndingWith(", expected a word, a tab and its translation");
  }

  @Test
  void theSixPairsOfThePaper() {
    SharedData.require("data/xling");
    Tasks tasks = new Tasks(SharedData.require("data"));
    assertThat(tasks.names()).contains("bli", "bli-en-fr", "bli-tr-ru");
    List<WordTranslation> pairs =
        tasks.resolve("bli").tasks().stream()
            .map(task -> (WordTranslation) task.read(notice -> {}))
            .toList();
    assertThat(pairs).hasSize(6);
    assertThat(pairs)
        .allSatisfy(
            pair -> {
              assertThat(pair.train()).hasSize(5000);
              assertThat(pair.test()).hasSize(2000);
            });
    assertThat(pairs.getFirst().test().getFirst())
        .isEqualTo(new WordTranslation.Pair("dedication", "dévouement"));
  }
}
