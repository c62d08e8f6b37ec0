package org.mirror4j.device;

import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;

/**
 * Attention in f64 by plain loops, one number after the other, with bounds on what f32 may lose,
 * and what tensor cores may.
 */
final class AttentionReference {
  private static final double U = 0x1p-24;

  /** Elements of the heads whose products tensor cores make. */
  private static final int TENSOR_HEAD = 64;

  /**
   * Where products are made by tensor cores, of factors in the storage type.
   *
   * @param leastRows rows of the shortest sequence of which they are
   * @param roundoff u of the storage type; 0 where none are
   * @param smallestNormal what is below it is as far apart as what is just above
   */
  record Tensors(int leastRows, double roundoff, double smallestNormal) {
    /** What a number of that magnitude is off by when it is rounded to be a factor. */
    double rounding(double magnitude) {
      return roundoff * Math.max(magnitude, smallestNormal);
    }
  }

  final int[] boundaries;
  final int[] keyLengths;
  final int heads;
  final int headSize;
  final int maxSeqlen;
  final Dropout dropout;
  final int layer;
  final Tensors tensors;

  final double[] context;
  final double[] logSumExp;
  final double[] contextBound;
  final double[] logSumExpBound;
  final double[] dQkv;
  final double[] dQkvBound;

  private final double[] qkv;
  private final int tokens;
  private final int hidden;

  AttentionReference(
      int[] boundaries,
      int[] keyLengths,
      int heads,
      int headSize,
      int maxSeqlen,
      Dropout dropout,
      int layer,
      Tensors tensors,
      double[] qkv) {
    this.boundaries = boundaries;
    this.keyLengths = keyLengths;
    this.heads = heads;
    this.headSize = headSize;
    this.maxSeqlen = maxSeqlen;
    this.dropout = dropout;
    this.layer = layer;
    this.tensors = tensors;
    this.qkv = qkv;
    tokens = boundaries[boundaries.length - 1];
    hidden = heads * headSize;
    context = new double[tokens * hidden];
    contextBound = new double[tokens * hidden];
    logSumExp = new double[tokens * heads];
    logSumExpBound = new double[tokens * heads];
    dQkv = new double[tokens * 3 * hidden];
    dQkvBound = new double[tokens * 3 * hidden];
  }

  private double q(int row, int head, int t) {
    return qkv[row * 3 * hidden + head * headSize + t];
  }

  private double k(int row, int head, int t) {
    return qkv[row * 3 * hidden + hidden + head * headSize + t];
  }

  private double v(int row, int head, int t) {
    return qkv[row * 3 * hidden + 2 * hidden + head * headSize + t];
  }

  private double keep(int head, int row, int column) {
    int site = DropoutSite.ATTENTION_PROBABILITIES.in(layer);
    long index = ((long) row * heads + head) * Dropout.ATTENTION_WIDTH + column;
    int half = dropout.half(new int[4], site, index);
    return half < dropout.threshold() ? 0 : dropout.scale();
  }

  double headScale(int sequence, int head) {
    int kept = 0;
    boolean[] keeps = new boolean[heads];
    for (int h = 0; h < heads; h++) {
      long index = sequence * Dropout.rowStride(heads) + h;
      int half = dropout.half(new int[4], DropoutSite.HEADS.in(layer), index);
      keeps[h] = half >= dropout.headThreshold();
      kept += keeps[h] ? 1 : 0;
    }
    return kept == 0 ? 1 : keeps[head] ? (double) heads / kept : 0;
  }

  /** Fills context and logSumExp. */
  AttentionReference forward() {
    for (int s = 0; s < keyLengths.length; s++) {
      for (int head = 0; head < heads; head++) {
        for (int i = boundaries[s]; i < boundaries[s + 1]; i++) {
          forward(s, head, i);
        }
      }
    }
    return this;
  }

  private double score(int head, int i, int j) {
    double sum = 0;
    for (int t = 0; t < headSize; t++) {
      sum += q(i, head, t) * k(j, head, t);
    }
    return sum / Math.sqrt(headSize);
  }

  private boolean isTensor(int sequence) {
    return tensors.roundoff > 0
        && headSize == TENSOR_HEAD
        && boundaries[sequence + 1] - boundaries[sequence] >= tensors.leastRows;
  }

  /**
   * Roundings of an addition: a tensor core may cut what another rounds, which is twice as much.
   */
  private int addition(int sequence) {
    return isTensor(sequence) ? 2 : 1;
  }

  /** What f32 may lose of any score of a row: products, additions, the scale and its product. */
  private double scoreBound(int s, int head, int i, int first, int keys) {
    double most = 0;
    for (int j = first; j < first + keys; j++) {
      double magnitude = 0;
      for (int t = 0; t < headSize; t++) {
        magnitude += Math.abs(q(i, head, t) * k(j, head, t));
      }
      most = Math.max(most, magnitude / Math.sqrt(headSize));
    }
    return (addition(s) * headSize + 5) * U * most;
  }

  private void forward(int s, int head, int i) {
    int first = boundaries[s];
    int keys = keyLengths[s];
    double max = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < keys; j++) {
      max = Math.max(max, score(head, i, first + j));
    }
    double sum = 0;
    for (int j = 0; j < keys; j++) {
      sum += Math.exp(score(head, i, first + j) - max);
    }
    double lse = max + Math.log(sum);
    double scores = scoreBound(s, head, i, first, keys);
    logSumExp[i * heads + head] = lse;
    logSumExpBound[i * heads + head] = 2 * scores + (keys + 8) * U + U * Math.abs(lse);
    double headScale = headScale(s, head);
    for (int j = 0; j < keys; j++) {
      double keep = headScale * keep(head, i, j);
      double probability = Math.exp(score(head, i, first + j) - lse);
      double weight = keep * probability;
      // What is rounded is exp(s - m) with m the largest score so far, and then divided by a sum of
      // at least 1: as far off as the probability itself would be, or less.
      double rounding = isTensor(s) ? keep * tensors.rounding(probability) : 0;
      for (int t = 0; t < headSize; t++) {
        int at = i * hidden + head * headSize + t;
        double term = weight * v(first + j, head, t);
        context[at] += term;
        // exponent of a term and of the sum; sum, quotient, multipliers; the sum over keys
        contextBound[at] +=
            Math.abs(term) * (4 * scores + ((1 + addition(s)) * keys + 24) * U)
                + rounding * Math.abs(v(first + j, head, t));
      }
    }
  }

  /** Fills dQkv from the gradient of the context; forward must have run. */
  AttentionReference backward(double[] dContext) {
    for (int s = 0; s < keyLengths.length; s++) {
      for (int head = 0; head < heads; head++) {
        for (int i = boundaries[s]; i < boundaries[s + 1]; i++) {
          backward(dContext, s, head, i);
        }
      }
    }
    return this;
  }

  private void backward(double[] dContext, int s, int head, int i) {
    int first = boundaries[s];
    int keys = keyLengths[s];
    int rows = boundaries[s + 1] - first;
    int offset = head * headSize;
    double lse = logSumExp[i * heads + head];
    double scale = 1 / Math.sqrt(headSize);
    double headScale = headScale(s, head);
    double dot = 0;
    double dotMagnitude = 0;
    for (int t = 0; t < headSize; t++) {
      double term = dContext[i * hidden + offset + t] * context[i * hidden + offset + t];
      dot += term;
      dotMagnitude += Math.abs(term);
    }
    double probability = 2 * scoreBound(s, head, i, first, keys) + (8 + Math.abs(lse)) * U;
    for (int j = 0; j < keys; j++) {
      int row = first + j;
      double p = Math.exp(score(head, i, row) - lse);
      double keep = headScale * keep(head, i, j);
      double product = 0;
      double magnitude = 0;
      for (int t = 0; t < headSize; t++) {
        double term = dContext[i * hidden + offset + t] * v(row, head, t);
        product += term;
        magnitude += Math.abs(term);
      }
      double dScore = p * (keep * product - dot);
      double dScoreBound =
          p
              * ((probability + 4 * U) * (keep * Math.abs(product) + Math.abs(dot))
                  + (addition(s) * headSize + 4) * U * (keep * magnitude + dotMagnitude));
      // each sum below has one term for each row or key
      int additions = addition(s) * rows;
      double more = dScoreBound + (additions + 4) * U * Math.abs(dScore);
      double rounding = 0;
      if (isTensor(s)) {
        more += tensors.rounding(Math.abs(dScore) + dScoreBound);
        rounding = keep * tensors.rounding(p);
      }
      for (int t = 0; t < headSize; t++) {
        int dq = i * 3 * hidden + offset + t;
        int dk = row * 3 * hidden + hidden + offset + t;
        int dv = dk + hidden;
        double gradient = dContext[i * hidden + offset + t];
        dQkv[dq] += scale * dScore * k(row, head, t);
        dQkvBound[dq] += scale * more * Math.abs(k(row, head, t));
        dQkv[dk] += scale * dScore * q(i, head, t);
        dQkvBound[dk] += scale * more * Math.abs(q(i, head, t));
        dQkv[dv] += keep * p * gradient;
        dQkvBound[dv] +=
            Math.abs(gradient) * (keep * p * (probability + (additions + 6) * U) + rounding);
      }
    }
  }
}
