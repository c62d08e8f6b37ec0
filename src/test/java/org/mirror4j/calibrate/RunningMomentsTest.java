package org.mirror4j.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunningMomentsTest {
  /** Vectors around a mean, of deviations from 0.1 to 10. */
  static float[][] vectors(int count, int width, double mean, long seed) {
    Random random = new Random(seed);
    float[][] vectors = new float[count][width];
    for (float[] vector : vectors) {
      for (int i = 0; i < width; i++) {
        double deviation = Math.pow(10, 2.0 * i / width - 1);
        vector[i] = (float) (mean + deviation * random.nextGaussian());
      }
    }
    return vectors;
  }

  static Moments moments(float[][] vectors) {
    RunningMoments running = new RunningMoments(vectors[0].length);
    Arrays.stream(vectors).forEach(running::add);
    return running.moments();
  }

  /**
   * Blocks of 256 and what is left of them, against all vectors at once. A mean of 1e4 and
   * deviations of 0.1 would lose all digits of a sum of squares less the square of the sum; centred
   * sums of n terms in double are off by n u of their own size.
   */
  @ParameterizedTest
  @CsvSource({"2, 1, 0", "3, 5, 1e4", "255, 3, 1e4", "256, 7, -1e4", "257, 7, 1e4", "700, 33, 5"})
  void areThoseOfAllVectorsAtOnce(int count, int width, double centre) {
    float[][] vectors = vectors(count, width, centre, count);
    Moments moments = moments(vectors);
    assertThat(moments.count()).isEqualTo(count);
    double[] mean = new double[width];
    for (int i = 0; i < width; i++) {
      int column = i;
      mean[i] = Arrays.stream(vectors).mapToDouble(v -> v[column]).sum() / count;
      assertThat(moments.mean().get(i)).isCloseTo(mean[i], within(count * 0x1p-53 * 2e4));
    }
    for (int i = 0; i < width; i++) {
      for (int j = 0; j < width; j++) {
        double products = 0;
        double sizes = 0;
        for (float[] vector : vectors) {
          double product = (vector[i] - mean[i]) * (vector[j] - mean[j]);
          products += product;
          sizes += Math.abs(product);
        }
        // The mean is off by u |mean|, which meets deviations of up to 10.
        double bound = count * 0x1p-50 * sizes / (count - 1) + 1e-10;
        assertThat(moments.covariance().get(i, j)).isCloseTo(products / (count - 1), within(bound));
        assertThat(moments.covariance().get(i, j)).isEqualTo(moments.covariance().get(j, i));
      }
    }
  }

  @Test
  void moreMayFollow() {
    float[][] vectors = vectors(300, 4, 1, 5);
    RunningMoments running = new RunningMoments(4);
    for (int i = 0; i < 300; i++) {
      running.add(vectors[i]);
      if (i == 10) {
        assertThat(running.moments().count()).isEqualTo(11);
      }
    }
    Moments expected = moments(vectors);
    Moments moments = running.moments();
    assertThat(moments.count()).isEqualTo(300);
    // The blocks were others: roundings of sums of 300 terms.
    assertThat(moments.covariance().get(3, 3))
        .isCloseTo(expected.covariance().get(3, 3), within(300 * 0x1p-52 * 100));
  }

  @Test
  void theMomentsOfMappedVectors() {
    float[][] vectors = vectors(40, 3, 2, 9);
    AffineMap map = AffineMapTest.random(5, 3, 1);
    Moments expected = moments(AffineMapTest.apply(map, vectors));
    Moments moments = moments(vectors).after(map);
    assertThat(moments.count()).isEqualTo(40);
    for (int i = 0; i < 5; i++) {
      // The mapped vectors are rounded to f32.
      assertThat(moments.mean().get(i)).isCloseTo(expected.mean().get(i), within(1e-4));
      for (int j = 0; j < 5; j++) {
        assertThat(moments.covariance().get(i, j))
            .isCloseTo(expected.covariance().get(i, j), within(1e-3));
      }
    }
  }

  /** Roundings of 2^-24 in each of many sums are no differences; a thousandth of the length is. */
  @Test
  void copiesThatDifferByRoundingsAreTheSame() {
    for (double mean : new double[] {0.3, -1e4}) {
      float[][] copies = copies(mean, 20 * 0x1p-24);
      assertThatThrownBy(() -> moments(copies))
          .hasMessage(
              "a calibration is fitted on 300 vectors that are all the same, expected different"
                  + " ones");
      assertThat(moments(copies(mean, 1e-3)).count()).isEqualTo(300);
    }
  }

  /** Copies of a vector whose values are off by a share of them. */
  private static float[][] copies(double mean, double share) {
    float[] vector = vectors(1, 24, mean, 3)[0];
    Random random = new Random(4);
    float[][] copies = new float[300][24];
    for (float[] copy : copies) {
      for (int i = 0; i < copy.length; i++) {
        copy[i] = (float) (vector[i] * (1 + share * random.nextGaussian()));
      }
    }
    return copies;
  }

  @Test
  void whatNothingCanBeFittedOnIsRefused() {
    RunningMoments none = new RunningMoments(2);
    assertThatThrownBy(none::moments)
        .hasMessage("a calibration is fitted on 0 vectors, expected at least 2");
    none.add(new float[] {1, 2});
    assertThatThrownBy(none::moments).hasMessageContaining("fitted on 1 vectors");
    none.add(new float[] {1, 2});
    assertThatThrownBy(none::moments)
        .hasMessage(
            "a calibration is fitted on 2 vectors that are all the same, expected different ones");
    assertThatThrownBy(() -> none.add(new float[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("vector 2 has 3 values, expected 2");
    assertThatThrownBy(() -> none.add(new float[] {0, Float.POSITIVE_INFINITY}))
        .isInstanceOf(ArithmeticException.class)
        .hasMessage("vector 2 holds Infinity, expected finite values");
    none.add(new float[] {3, 2});
    assertThat(none.moments().count()).isEqualTo(3);
  }
}
