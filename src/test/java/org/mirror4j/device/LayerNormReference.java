package org.mirror4j.device;

import static org.mirror4j.support.DeviceBuffers.U;
import static org.mirror4j.support.DeviceBuffers.assertWithin;

import org.mirror4j.device.OperationContract.ColumnReference;
import org.mirror4j.support.DeviceBuffers;

/** LayerNorm by plain loops in f64, each result checked from what the device computed before. */
final class LayerNormReference {
  private LayerNormReference() {}

  /** Checks statistics and result of {@code x}; {@code multipliers} come after, if not null. */
  static void checkForward(
      DeviceBuffers buffers,
      float[] x,
      float[] mean,
      float[] rstd,
      float[] y,
      float[] gamma,
      float[] beta,
      float epsilon,
      double[] multipliers) {
    int width = gamma.length;
    int rows = x.length / width;
    double[] means = new double[rows];
    double[] meanBounds = new double[rows];
    double[] rstds = new double[rows];
    double[] rstdBounds = new double[rows];
    double[] ys = new double[x.length];
    double[] yBounds = new double[x.length];
    for (int r = 0; r < rows; r++) {
      double magnitude = 0;
      double squares = 0;
      for (int c = 0; c < width; c++) {
        means[r] += x[r * width + c] / (double) width;
        magnitude += Math.abs(x[r * width + c]);
        squares += Math.pow(x[r * width + c] - (double) mean[r], 2);
      }
      // A sum and a division.
      meanBounds[r] = (width + 1) * U * magnitude / width;
      rstds[r] = 1 / Math.sqrt(squares / width + epsilon);
      // Subtraction (squared: twice), square, sum, division, perhaps by a rounded reciprocal,
      // epsilon: half of it after the root; then root and reciprocal.
      rstdBounds[r] = ((width + 5) / 2.0 + 2) * U * rstds[r];
      for (int c = 0; c < width; c++) {
        int i = r * width + c;
        double keep = multipliers == null ? 1 : multipliers[i];
        double scaled = ((double) x[i] - mean[r]) * rstd[r] * gamma[c];
        ys[i] = (scaled + beta[c]) * keep;
        // Three operations on the first term, then the sum and the multiplier.
        yBounds[i] = (5 * Math.abs(scaled) + 2 * Math.abs(beta[c])) * U * keep;
      }
    }
    assertWithin("mean", mean, means, meanBounds);
    assertWithin("rstd", rstd, rstds, rstdBounds);
    buffers.assertStoredWithin("y", y, ys, yBounds);
  }

  /** Checks dX and adds to the references of the column sums. */
  static void checkBackward(
      DeviceBuffers buffers,
      float[] dX,
      ColumnReference dGamma,
      ColumnReference dBeta,
      double[] dY,
      float[] x,
      float[] mean,
      float[] rstd,
      float[] gamma) {
    int width = gamma.length;
    double[] expected = new double[x.length];
    double[] bounds = new double[x.length];
    double[] g = new double[width];
    double[] xhat = new double[width];
    for (int r = 0; r < mean.length; r++) {
      double sumG = 0;
      double sizeG = 0;
      double sumGX = 0;
      double sizeGX = 0;
      for (int c = 0; c < width; c++) {
        int i = r * width + c;
        g[c] = dY[i] * gamma[c];
        xhat[c] = ((double) x[i] - mean[r]) * rstd[r];
        sumG += g[c] / width;
        sizeG += Math.abs(g[c]) / width;
        sumGX += g[c] * xhat[c] / width;
        sizeGX += Math.abs(g[c] * xhat[c]) / width;
        dGamma.add(c, dY[i] * xhat[c]);
        dBeta.add(c, dY[i]);
      }
      for (int c = 0; c < width; c++) {
        int i = r * width + c;
        expected[i] = rstd[r] * (g[c] - sumG - xhat[c] * sumGX);
        // The two means (dropout, product and division, or xhat too), then at most 8 operations.
        double means = (width + 3) * sizeG + (width + 6) * Math.abs(xhat[c]) * sizeGX;
        double terms = Math.abs(g[c]) + Math.abs(sumG) + Math.abs(xhat[c] * sumGX);
        bounds[i] = rstd[r] * U * (means + 8 * terms);
      }
    }
    buffers.assertStoredWithin("dX", dX, expected, bounds);
  }
}
