package org.mirror4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.search.Vectors;

/** Against sorts of all distances, and sums over all pairs, in double. */
class GeometryTest {
  /** Sums in two orders of at most 10^5 terms of one sign below 100: 10^5 2^-53 100. */
  private static final double CLOSE = 2e-9;

  @TempDir Path folder;
  @AutoClose private final HostDevice device = new HostDevice(2);

  private Geometry geometry(float[]... rows) {
    try (Vectors vectors = Vectors.of(rows)) {
      return Geometry.of(device, vectors);
    }
  }

  /** Away from the origin, the later the longer, as the paper finds words. */
  private static float[][] random(int rows, int columns) {
    Random random = new Random(9);
    float[][] vectors = new float[rows][columns];
    for (int row = 0; row < rows; row++) {
      double length = 1 + Math.log1p(row);
      for (int i = 0; i < columns; i++) {
        vectors[row][i] = (float) (length * (0.5 + random.nextGaussian()));
      }
    }
    return vectors;
  }

  private static double distance(float[] a, float... b) {
    return Math.sqrt(
        IntStream.range(0, a.length).mapToDouble(i -> Math.pow((double) a[i] - b[i], 2)).sum());
  }

  private static double meanDistance(float[][] vectors, int from, int to, int k) {
    return IntStream.range(from, to)
        .mapToDouble(
            row ->
                IntStream.range(0, vectors.length)
                    .filter(other -> other != row)
                    .mapToDouble(other -> distance(vectors[row], vectors[other]))
                    .sorted()
                    .limit(k)
                    .average()
                    .orElseThrow())
        .average()
        .orElseThrow();
  }

  private static double meanNorm(float[][] vectors, int from, int to) {
    float[] origin = new float[vectors[0].length];
    return Arrays.stream(vectors, from, to)
        .mapToDouble(vector -> distance(vector, origin))
        .average()
        .orElseThrow();
  }

  private static double meanCosine(float[]... vectors) {
    float[] origin = new float[vectors[0].length];
    return IntStream.range(0, vectors.length)
        .boxed()
        .flatMap(
            a ->
                IntStream.range(0, vectors.length)
                    .filter(b -> b != a)
                    .mapToObj(
                        b -> {
                          double product = 0;
                          for (int i = 0; i < origin.length; i++) {
                            product += (double) vectors[a][i] * vectors[b][i];
                          }
                          double norms =
                              distance(vectors[a], origin) * distance(vectors[b], origin);
                          return norms == 0 ? 0 : product / norms;
                        }))
        .collect(Collectors.averagingDouble(cosine -> cosine));
  }

  private static void assertMeasured(Geometry geometry, float[]... vectors) {
    for (Geometry.Band band : geometry.bands()) {
      int to = Math.min(band.to(), vectors.length);
      assertThat(band.size()).isEqualTo(to - band.from());
      assertThat(band.meanNorm()).isCloseTo(meanNorm(vectors, band.from(), to), within(CLOSE));
      for (int k : new int[] {3, 5, 7}) {
        assertThat(band.meanDistance(k))
            .as("%s, %d", band.ranks(), k)
            .isCloseTo(meanDistance(vectors, band.from(), to, k), within(CLOSE));
      }
    }
    assertThat(geometry.meanCosine()).isCloseTo(meanCosine(vectors), within(CLOSE));
  }

  @Test
  void threeBandsAgainstAllDistances() {
    float[][] vectors = random(617, 13);
    Geometry geometry = geometry(vectors);
    assertThat(geometry.bands())
        .extracting(Geometry.Band::ranks)
        .containsExactly("0-100", "100-500", "500-5K");
    assertMeasured(geometry, vectors);
    assertThat(geometry.bands())
        .extracting(Geometry.Band::meanNorm)
        .isSortedAccordingTo(Double::compare);
  }

  /** A band of the last hundred begins where the one before ends. */
  @Test
  void aBandWithoutVectorsIsLeftOut() {
    assertThat(geometry(random(100, 3)).bands())
        .extracting(Geometry.Band::ranks)
        .containsExactly("0-100");
    assertThat(geometry(random(101, 3)).bands())
        .extracting(Geometry.Band::size)
        .containsExactly(100, 1);
  }

  /** The last three of 10,003 are near to nothing but each other, and to the first. */
  @Test
  void vectorsAfterTheLastBandAreNeighboursOnly() {
    float[][] vectors = random(10_003, 3);
    vectors[0] = new float[] {5000, 0, 0};
    for (int i = 0; i < 3; i++) {
      vectors[10_000 + i] = new float[] {5000, 1, 0};
    }
    Geometry geometry = geometry(vectors);
    assertThat(geometry.bands())
        .extracting(Geometry.Band::ranks)
        .containsExactly("0-100", "100-500", "500-5K", "5K-10K");
    assertThat(geometry.bands())
        .extracting(Geometry.Band::size)
        .containsExactly(100, 400, 4500, 5000);
    assertThat(geometry.bands().getFirst().meanDistance(3))
        .isCloseTo(meanDistance(vectors, 0, 100, 3), within(CLOSE))
        .isLessThan(10);
  }

  /** More copies of one vector than neighbours are asked for: a vector is not its own neighbour. */
  @Test
  void copiesAreNeighboursAtDistanceZero() {
    float[][] vectors = random(150, 5);
    for (int i = 0; i < 20; i++) {
      vectors[7 * i] = new float[] {1, -2, 3, 0.5f, 4};
    }
    assertMeasured(geometry(vectors), vectors);
    float[][] same = new float[12][];
    Arrays.fill(same, new float[] {3, 4});
    Geometry.Band band = geometry(same).bands().getFirst();
    assertThat(band.meanDistance(7)).isZero();
    assertThat(band.meanNorm()).isCloseTo(5, within(1e-14));
    assertThat(geometry(same).meanCosine()).isCloseTo(1, within(1e-14));
  }

  @Test
  void vectorsOfZerosAreLikeNothing() {
    float[][] vectors = {{0, 0}, {1, 0}, {0, 0}, {1, 1}, {2, 0}, {0, 1}, {3, 1}, {-1, 2}, {0, 4}};
    assertMeasured(geometry(vectors), vectors);
    assertThat(geometry(new float[3][2]).meanCosine()).isZero();
  }

  @Test
  void fewerVectorsThanNeighbours() {
    float[][] vectors = {{0, 0}, {1, 0}, {0, 2}, {4, 0}};
    Geometry.Band band = geometry(vectors).bands().getFirst();
    assertThat(band.meanDistance(3)).isCloseTo(meanDistance(vectors, 0, 4, 3), within(CLOSE));
    assertThat(band.meanDistance(5)).isNaN();
    Geometry one = geometry(new float[] {3, 4});
    assertThat(one.bands().getFirst().meanNorm()).isEqualTo(5);
    assertThat(one.bands().getFirst().meanDistance(3)).isNaN();
    assertThat(one.meanCosine()).isNaN();
    assertThatThrownBy(
            () -> {
              try (Vectors none = Vectors.allocate(0, 2)) {
                Geometry.of(device, none);
              }
            })
        .hasMessage("geometry: no vectors");
  }

  @Test
  void threadsChangeNothing() {
    float[][] vectors = random(300, 24);
    try (HostDevice single = new HostDevice(1);
        Vectors memory = Vectors.of(vectors)) {
      assertThat(Geometry.of(single, memory)).isEqualTo(geometry(vectors));
    }
  }

  /** Its vectors are on a line: text n at n. */
  private static final MeasuredEncoder NUMBERS =
      (texts, vectors) ->
          texts.stream().map(text -> new float[] {Float.parseFloat(text)}).forEach(vectors);

  private List<Measurement> measure(List<String> notices, String... lines) throws IOException {
    Path file = Files.write(folder.resolve("words.txt"), List.of(lines));
    List<Measurement> results = new ArrayList<>();
    EvaluationPlan.of(List.of(new Tasks(null).resolve("geometry:" + file)), notices::add)
        .evaluate(device, NUMBERS, task -> {}, results::add);
    return results;
  }

  @Test
  void rowsOfTheReport() throws IOException {
    List<String> notices = new ArrayList<>();
    List<Measurement> results = measure(notices, "1", " 2", "", "1", "4", "7", "-3");
    assertThat(results)
        .extracting(result -> result.task() + ", " + result.measure().label())
        .containsExactly(
            "words.txt ranks 0-100, mean of norms",
            "words.txt ranks 0-100, distance to 3 nearest",
            "words.txt ranks 0-100, distance to 5 nearest",
            "words.txt ranks 0-100, distance to 7 nearest",
            "words.txt, mean cosine of pairs",
            "words.txt, isotropy",
            "words.txt, mean vector norm");
    assertThat(results).allSatisfy(result -> assertThat(result.items()).isEqualTo(5));
    assertThat(results.get(0).value()).isCloseTo((1 + 2 + 4 + 7 + 3) / 5.0, within(1e-14));
    // Of 1, 2, 4, 7, -3 without the farthest: 1+3+4, 1+2+5, 2+3+3, 3+5+6, 4+5+7 by thirds.
    assertThat(results.get(1).value()).isCloseTo((8 + 8 + 8 + 14 + 16) / 15.0, within(1e-14));
    assertThat(results.get(2).value()).isNaN();
    assertThat(results.get(2).notes()).containsExactly("a text has fewer than 5 others");
    // Six pairs of the ten are of one sign.
    assertThat(results.get(4).value()).isCloseTo((6 - 4) / 10.0, within(1e-14));
    assertThat(results.subList(4, 7))
        .allSatisfy(result -> assertThat(result.remark()).contains("each line a text of its own"));
    assertThat(notices)
        .containsExactly(
            folder.resolve("words.txt") + ": lines that repeat one before, passed over: 1");
  }

  @Test
  void textsInNoBandAreTold() throws IOException {
    List<String> notices = new ArrayList<>();
    String[] lines = IntStream.range(0, 10_002).mapToObj(String::valueOf).toArray(String[]::new);
    Path file = Files.write(folder.resolve("many.txt"), List.of(lines));
    RankedTexts.read(file, notices::add);
    assertThat(notices)
        .containsExactly(
            file + ": 2 texts after the first 10,000 are neighbours of these, but in no band");
  }
}
