package org.mirror4j.reference;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * A flow in double, one vector at a time, written from the formulas of its description: activation
 * normalisation, permutation and coupling, {@code depth} times a level; then half of the channels
 * are done. Where a step has factors of a permutation it is a product with {@code P L (U +
 * diag(sign exp(logScale)))}, else the reversal.
 *
 * @param channels of a vector
 * @param affine whether couplings scale too
 * @param parameters by name, row-major
 */
public record ReferenceFlow(
    int channels,
    int levels,
    int depth,
    int width,
    boolean affine,
    Map<String, double[]> parameters) {
  /**
   * What a vector becomes.
   *
   * @param image the latent vector
   * @param logDeterminant of the Jacobian
   * @param normalized what each activation normalisation gave, by its name
   */
  public record Mapped(double[] image, double logDeterminant, Map<String, double[]> normalized) {}

  /** The image of a vector. */
  public Mapped forward(double[] vector) {
    double[] x = vector.clone();
    List<Double> done = new ArrayList<>();
    double logDeterminant = 0;
    Map<String, double[]> normalized = new HashMap<>();
    for (int level = 0; level < levels; level++) {
      int c = channels >> level;
      for (int step = 0; step < depth; step++) {
        String name = "levels." + level + ".steps." + step;
        double[] bias = parameters.get(name + ".actnorm.bias");
        double[] logScale = parameters.get(name + ".actnorm.log_scale");
        double[] plain = new double[c];
        for (int i = 0; i < c; i++) {
          plain[i] = (x[i] + bias[i]) * Math.exp(3 * logScale[i]);
          logDeterminant += 3 * logScale[i];
        }
        DMatrixRMaj permutation = permutation(name, c);
        double[] y = product(plain, permutation);
        for (double scale :
            parameters.getOrDefault(name + ".permutation.log_scale", new double[0])) {
          logDeterminant += scale;
        }
        normalized.put(name + ".actnorm", plain);
        double[] net = network(name, y, normalized);
        for (int i = 0; i < c / 2; i++) {
          if (affine) {
            double scale = 1 / (1 + Math.exp(-net[2 * i + 1] - 2));
            y[c / 2 + i] = (y[c / 2 + i] + net[2 * i]) * scale;
            logDeterminant += Math.log(scale);
          } else {
            y[c / 2 + i] += net[i];
          }
        }
        x = y;
      }
      if (level < levels - 1) {
        double[] next = new double[c / 2];
        for (int i = 0; i < c / 2; i++) {
          next[i] = x[i];
          done.add(x[c / 2 + i]);
        }
        x = next;
      }
    }
    for (double value : x) {
      done.add(value);
    }
    return new Mapped(
        done.stream().mapToDouble(value -> value).toArray(), logDeterminant, normalized);
  }

  /** The vector of an image. */
  public double[] inverse(double[] image) {
    double[] x = new double[0];
    int end = channels;
    for (int level = levels - 1; level >= 0; level--) {
      int c = channels >> level;
      double[] y = new double[c];
      int given = level == levels - 1 ? c : c / 2;
      System.arraycopy(x, 0, y, 0, x.length);
      System.arraycopy(image, end - given, y, c - given, given);
      end -= given;
      for (int step = depth - 1; step >= 0; step--) {
        String name = "levels." + level + ".steps." + step;
        double[] net = network(name, y, new HashMap<>());
        for (int i = 0; i < c / 2; i++) {
          y[c / 2 + i] =
              affine
                  ? y[c / 2 + i] * (1 + Math.exp(-net[2 * i + 1] - 2)) - net[2 * i]
                  : y[c / 2 + i] - net[i];
        }
        double[] bias = parameters.get(name + ".actnorm.bias");
        double[] logScale = parameters.get(name + ".actnorm.log_scale");
        DMatrixRMaj permutation = permutation(name, c);
        CommonOps_DDRM.invert(permutation);
        double[] before = product(y, permutation);
        for (int i = 0; i < c; i++) {
          before[i] = before[i] * Math.exp(-3 * logScale[i]) - bias[i];
        }
        y = before;
      }
      x = y;
    }
    return x;
  }

  /** What a row is multiplied by. */
  private DMatrixRMaj permutation(String step, int c) {
    DMatrixRMaj first = new DMatrixRMaj(c, c);
    double[] factors = parameters.get(step + ".permutation.factors");
    if (factors == null) {
      for (int i = 0; i < c; i++) {
        first.set(i, c - 1 - i, 1);
      }
      return first;
    }
    double[] logScale = parameters.get(step + ".permutation.log_scale");
    double[] order = parameters.get(step + ".permutation.order");
    double[] sign = parameters.get(step + ".permutation.sign");
    DMatrixRMaj lower = CommonOps_DDRM.identity(c);
    DMatrixRMaj upper = new DMatrixRMaj(c, c);
    for (int i = 0; i < c; i++) {
      first.set((int) order[i], i, 1);
      upper.set(i, i, sign[i] * Math.exp(logScale[i]));
      for (int j = 0; j < c; j++) {
        if (i != j) {
          (i > j ? lower : upper).set(i, j, factors[i * c + j]);
        }
      }
    }
    DMatrixRMaj permutation = new DMatrixRMaj(c, c);
    DMatrixRMaj lowered = new DMatrixRMaj(c, c);
    CommonOps_DDRM.mult(first, lower, lowered);
    CommonOps_DDRM.mult(lowered, upper, permutation);
    return permutation;
  }

  private static double[] product(double[] row, DMatrixRMaj matrix) {
    DMatrixRMaj product = new DMatrixRMaj(1, row.length);
    CommonOps_DDRM.mult(DMatrixRMaj.wrap(1, row.length, row.clone()), matrix, product);
    return product.data;
  }

  /** The network of a coupling, of the first half of its input. */
  private double[] network(String step, double[] x, Map<String, double[]> normalized) {
    int half = x.length / 2;
    double[] first = layer(step + ".coupling.0", x, half, width);
    normalized.put(step + ".coupling.0", first);
    double[] second = layer(step + ".coupling.1", relu(first), width, width);
    normalized.put(step + ".coupling.1", second);
    return layer(step + ".coupling.2", relu(second), width, affine ? 2 * half : half);
  }

  private double[] layer(String name, double[] x, int inputs, int outputs) {
    double[] weight = parameters.get(name + ".weight");
    double[] bias = parameters.get(name + ".bias");
    double[] logScale = parameters.get(name + ".log_scale");
    double[] y = new double[outputs];
    for (int o = 0; o < outputs; o++) {
      for (int i = 0; i < inputs; i++) {
        y[o] += weight[o * inputs + i] * x[i];
      }
      y[o] = (y[o] + bias[o]) * Math.exp(3 * logScale[o]);
    }
    return y;
  }

  private static double[] relu(double[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = Math.max(0, x[i]);
    }
    return y;
  }

  /** Mean of {@code -log p(u) / (C ln 2)} over vectors. */
  public double bitsPerDimension(double[][] vectors) {
    double sum = 0;
    for (double[] vector : vectors) {
      Mapped mapped = forward(vector);
      double logDensity = mapped.logDeterminant;
      for (double z : mapped.image) {
        logDensity += -z * z / 2 - Math.log(2 * Math.PI) / 2;
      }
      sum -= logDensity / (channels * Math.log(2));
    }
    return sum / vectors.length;
  }
}
