package org.mirror4j.eval;

import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.mirror4j.search.Vectors;

/**
 * How evenly vectors spread over all directions (Liu et al. 2021, equation 2, after Mu and
 * Viswanath 2018; not "IsoScore").
 *
 * <pre>
 *   score = min_c Z(c) / max_c Z(c),   Z(c) = sum_v exp(c.v)
 * </pre>
 *
 * c runs over the unit eigenvectors of V^T V, V [rows, hiddenSize] being the vectors as given, raw:
 * neither normalised nor centred. An eigenvector has no sign of its own, so both c and -c are
 * taken. 1 is isotropic; one dominating direction gives a score near 0, down to an honest 0 where
 * the ratio is below the smallest double. Where eigenvalues coincide, the eigenvectors are one
 * choice among many and the score depends a little on it.
 *
 * @param score in [0, 1]
 * @param meanVectorNorm Euclidean norm of the mean vector, 0 for vectors centred on the origin
 * @param rows number of vectors
 * @param hiddenSize length of a vector
 */
public record Isotropy(double score, double meanVectorNorm, int rows, int hiddenSize) {
  /** Rows turned to double at a time: bounds the memory, whatever the number of vectors. */
  private static final int CHUNK = 1024;

  /**
   * Measures V. Time grows as rows x hiddenSize^2 + hiddenSize^3.
   *
   * @param rows which of the vectors V consists of, some perhaps several times
   * @throws IllegalArgumentException if there are no rows or values that are not finite
   */
  public static Isotropy of(Vectors vectors, int... rows) {
    if (rows.length == 0) {
      throw new IllegalArgumentException("isotropy: no vectors");
    }
    int hiddenSize = vectors.dimension();
    double[] mean = new double[hiddenSize];
    DMatrixRMaj gram = new DMatrixRMaj(hiddenSize, hiddenSize);
    DMatrixRMaj product = new DMatrixRMaj(hiddenSize, hiddenSize);
    for (int start = 0; start < rows.length; start += CHUNK) {
      DMatrixRMaj chunk = chunk(vectors, rows, start);
      for (int row = 0; row < chunk.numRows; row++) {
        for (int column = 0; column < hiddenSize; column++) {
          mean[column] += chunk.unsafe_get(row, column) / rows.length;
        }
      }
      CommonOps_DDRM.multInner(chunk, product);
      CommonOps_DDRM.addEquals(gram, product);
    }
    double squares = Arrays.stream(mean).map(m -> m * m).sum();
    return new Isotropy(
        Math.exp(logRatio(vectors, rows, eigenvectors(gram))),
        Math.sqrt(squares),
        rows.length,
        hiddenSize);
  }

  /** Both values, in the report of a task. */
  List<Measurement> measurements(String task) {
    return List.of(
        new Measurement(task, Measurement.Measure.ISOTROPY, score, rows, 0),
        new Measurement(task, Measurement.Measure.MEAN_VECTOR_NORM, meanVectorNorm, rows, 0));
  }

  /** log min Z - log max Z over the columns of {@code directions} and their opposites. */
  private static double logRatio(Vectors vectors, int[] rows, DMatrixRMaj directions) {
    int hiddenSize = directions.numRows;
    LogSums forward = new LogSums(hiddenSize, 1);
    LogSums backward = new LogSums(hiddenSize, -1);
    DMatrixRMaj projections = new DMatrixRMaj(1, 1);
    for (int start = 0; start < rows.length; start += CHUNK) {
      CommonOps_DDRM.mult(chunk(vectors, rows, start), directions, projections);
      forward.add(projections);
      backward.add(projections);
    }
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (LogSums sums : new LogSums[] {forward, backward}) {
      for (int column = 0; column < hiddenSize; column++) {
        min = Math.min(min, sums.log(column));
        max = Math.max(max, sums.log(column));
      }
    }
    return min - max;
  }

  /** Columns are unit eigenvectors of a symmetric matrix, which is destroyed. */
  private static DMatrixRMaj eigenvectors(DMatrixRMaj symmetric) {
    int n = symmetric.numRows;
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(n, true, true);
    if (!eigen.decompose(symmetric)) {
      throw new ArithmeticException("isotropy: the eigenvectors did not converge");
    }
    DMatrixRMaj directions = new DMatrixRMaj(n, n);
    for (int i = 0; i < n; i++) {
      CommonOps_DDRM.insert(eigen.getEigenVector(i), directions, 0, i);
    }
    return directions;
  }

  private static DMatrixRMaj chunk(Vectors vectors, int[] rows, int start) {
    DMatrixRMaj chunk = new DMatrixRMaj(Math.min(CHUNK, rows.length - start), vectors.dimension());
    float[] vector = new float[vectors.dimension()];
    for (int row = 0; row < chunk.numRows; row++) {
      vectors.get(rows[start + row], vector);
      for (int column = 0; column < vector.length; column++) {
        if (!Float.isFinite(vector[column])) {
          throw new IllegalArgumentException(
              "isotropy: row %d holds %s, expected finite values"
                  .formatted(start + row, vector[column]));
        }
        chunk.unsafe_set(row, column, vector[column]);
      }
    }
    return chunk;
  }

  /** log sum exp(sign * p) of each column, kept as a maximum and a sum relative to it. */
  private static final class LogSums {
    private final double[] maximum;
    private final double[] sum;
    private final int sign;

    LogSums(int columns, int sign) {
      maximum = new double[columns];
      Arrays.fill(maximum, Double.NEGATIVE_INFINITY);
      sum = new double[columns];
      this.sign = sign;
    }

    void add(DMatrixRMaj projections) {
      double[] before = maximum.clone();
      for (int row = 0; row < projections.numRows; row++) {
        for (int column = 0; column < maximum.length; column++) {
          maximum[column] = Math.max(maximum[column], sign * projections.unsafe_get(row, column));
        }
      }
      for (int column = 0; column < maximum.length; column++) {
        sum[column] *= Math.exp(before[column] - maximum[column]);
      }
      for (int row = 0; row < projections.numRows; row++) {
        for (int column = 0; column < maximum.length; column++) {
          sum[column] += Math.exp(sign * projections.unsafe_get(row, column) - maximum[column]);
        }
      }
    }

    double log(int column) {
      return maximum[column] + Math.log(sum[column]);
    }
  }
}
