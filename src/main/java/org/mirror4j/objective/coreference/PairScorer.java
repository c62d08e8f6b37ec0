package org.mirror4j.objective.coreference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.Tensor;

/**
 * Scores of the pairs that are looked at closely (Lee et al. 2017, section 3.1), from the vectors g
 * of both spans and features f of the pair: speaker, genre, distance between spans, distance
 * between segments.
 *
 * <pre>  score([g[i]; g[j]; g[i] g[j]; dropout(f)] W^T)  </pre>
 *
 * W lies in parts: what is of one span alone is computed once a span, not once a pair. Vectors that
 * change are scored several times, with the same features.
 */
final class PairScorer {
  /** {@code C += A B^T}. */
  private static final GemmSpec NT_ADD = new GemmSpec(false, true, true);

  private final SpanBuffers buffers;
  private final Kernels kernels;
  private final SpanRankingParameters.Pairs stored;
  private final SpanRankingParameters.Pairs gradients;
  private final ScoreLayer score;
  private final Tensor firsts;
  private final Tensor seconds;
  private final List<Tensor> rows = new ArrayList<>();
  private final Tensor feature;
  private final Tensor features;
  private final Tensor ofSpans;
  private final Tensor products;

  /** Before the bias, each time. */
  private final List<Tensor> z = new ArrayList<>();

  /** What is added to z, and the gradient of z. */
  private final Tensor spare;

  private final Backward backward;

  /** Buffers of the backward pass. */
  private record Backward(
      Tensor dFeatures,
      Tensor ofSpans,
      RowSegments firsts,
      RowSegments seconds,
      List<RowSegments> rows) {
    static Backward plan(SpanBuffers buffers, SpanRankingSize size, int maxSpans, int maxPairs) {
      List<RowSegments> rows = new ArrayList<>();
      for (int table = 0; table < SpanRankingParameters.TABLES; table++) {
        rows.add(buffers.segments("pairs.byFeature" + table, maxPairs));
      }
      return new Backward(
          buffers.stored(
              "pairs.dFeatures", maxPairs, SpanRankingParameters.TABLES * size.featureSize()),
          buffers.f32("pairs.dOfSpans", maxSpans, size.hiddenSize()),
          buffers.segments("pairs.byFirst", maxPairs),
          buffers.segments("pairs.bySecond", maxPairs),
          rows);
    }
  }

  /**
   * Plans the buffers.
   *
   * @param gradients null where only scores are wanted
   * @param maxSpans the most spans that are kept
   */
  PairScorer(
      SpanBuffers buffers,
      SpanRankingSize size,
      SpanRankingParameters parameters,
      SpanRankingParameters stored,
      SpanRankingParameters gradients,
      int maxSpans) {
    this.buffers = buffers;
    kernels = buffers.device().kernels();
    this.stored = stored.pairs();
    this.gradients = gradients == null ? null : gradients.pairs();
    int hidden = size.hiddenSize();
    int maxPairs = size.pairs(maxSpans);
    score =
        new ScoreLayer(
            buffers,
            "pairs",
            parameters.pairScore(),
            stored.pairScore(),
            gradients == null ? null : gradients.pairScore(),
            maxPairs);
    firsts = buffers.indices("pairs.firsts", maxPairs);
    seconds = buffers.indices("pairs.seconds", maxPairs);
    for (int table = 0; table < SpanRankingParameters.TABLES; table++) {
      rows.add(buffers.indices("pairs.features" + table, maxPairs));
    }
    feature = buffers.stored("pairs.feature", maxPairs, size.featureSize());
    features =
        buffers.stored(
            "pairs.features", maxPairs, SpanRankingParameters.TABLES * size.featureSize());
    ofSpans = buffers.stored("pairs.ofSpans", maxSpans, hidden);
    products = buffers.stored("pairs.products", maxPairs, size.vectorSize(hiddenOf(stored)));
    spare = buffers.stored("pairs.spare", maxPairs, hidden);
    for (int time = 0; time < size.depth(); time++) {
      boolean own = gradients != null || time == 0;
      z.add(own ? buffers.stored("pairs.z" + time, maxPairs, hidden) : z.getFirst());
    }
    backward = gradients == null ? null : Backward.plan(buffers, size, maxSpans, maxPairs);
  }

  private static int hiddenOf(SpanRankingParameters parameters) {
    return parameters.attention().columns();
  }

  /**
   * Takes the pairs and looks up their features.
   *
   * @param genre row of its table
   */
  void upload(AntecedentPairs pairs, int genre, Dropout dropout) {
    int count = pairs.pairs();
    int[] genres = new int[count];
    Arrays.fill(genres, genre);
    List<int[]> values = List.of(pairs.speakers(), genres, pairs.distances(), pairs.segments());
    score.upload();
    buffers.put(firsts, pairs.first());
    buffers.put(seconds, pairs.second());
    features.rows(count);
    feature.rows(count);
    int width = feature.columns();
    for (int table = 0; table < values.size(); table++) {
      buffers.put(rows.get(table), values.get(table));
      kernels.row().gatherRows(feature, stored.tables().get(table), rows.get(table));
      kernels.row().copyColumns(features, table * width, feature, 0, width);
      if (backward != null) {
        buffers.put(backward.rows.get(table), values.get(table));
      }
    }
    if (backward != null) {
      buffers.put(backward.firsts, pairs.first());
      buffers.put(backward.seconds, pairs.second());
    }
    kernels.activation().dropout(features, features, dropout, SpanSite.FEATURES.number());
  }

  /**
   * Scores the pairs.
   *
   * @param scores f32[pairs, 1], overwritten
   * @param g [spans, D]
   * @param time from 0, how often it has been done before
   */
  void forward(Tensor scores, Tensor g, int time, Dropout dropout) {
    int count = firsts.rows();
    Tensor sum = z.get(time).rows(count);
    ofSpans.rows(g.rows());
    kernels.product().gemm(GemmSpec.NT, ofSpans, g, stored.first());
    kernels.row().gatherRows(sum, ofSpans, firsts);
    kernels.product().gemm(GemmSpec.NT, ofSpans, g, stored.second());
    kernels.row().gatherRows(spare.rows(count), ofSpans, seconds);
    kernels.memory().add(sum, spare);
    kernels.row().multiplyRows(products.rows(count), g, firsts, seconds);
    kernels.product().gemm(NT_ADD, sum, products, stored.product());
    kernels.product().gemm(NT_ADD, sum, features, stored.features());
    score.forward(scores, sum, dropout, SpanSite.PAIR.number(time));
  }

  /**
   * The gradients of one time, those of the parameters added to. The last time comes first.
   *
   * @param dG f32[spans, D], added to
   * @param dScores f32[pairs, 1]
   * @param g as that time
   * @param last whether it is the last time
   */
  void backward(Tensor dG, Tensor dScores, Tensor g, int time, boolean last, Dropout dropout) {
    int count = firsts.rows();
    Tensor dZ = spare.rows(count);
    score.backward(dZ, dScores, z.get(time), dropout, SpanSite.PAIR.number(time));
    ofSpan(dG, dZ, g, backward.firsts, stored.first(), gradients.first());
    ofSpan(dG, dZ, g, backward.seconds, stored.second(), gradients.second());
    kernels.row().multiplyRows(products.rows(count), g, firsts, seconds);
    kernels.product().gemm(GemmSpec.TN_ADD, gradients.product(), dZ, products);
    kernels.product().gemm(GemmSpec.NN, products, dZ, stored.product());
    kernels.row().addRowProducts(dG, products, g, seconds, backward.firsts);
    kernels.row().addRowProducts(dG, products, g, firsts, backward.seconds);
    kernels.product().gemm(GemmSpec.TN_ADD, gradients.features(), dZ, features);
    kernels
        .product()
        .gemm(
            last ? GemmSpec.NN : GemmSpec.NN_ADD,
            backward.dFeatures.rows(count),
            dZ,
            stored.features());
  }

  /** The gradients of what is computed once a span. */
  private void ofSpan(
      Tensor dG, Tensor dZ, Tensor g, RowSegments pairs, Tensor weight, Tensor dWeight) {
    Tensor sums = backward.ofSpans.rows(g.rows());
    kernels.memory().fill(sums, 0);
    kernels.row().addRows(sums, dZ, pairs);
    kernels.memory().convert(ofSpans.rows(g.rows()), sums);
    kernels.product().gemm(GemmSpec.TN_ADD, dWeight, ofSpans, g);
    kernels.product().gemm(GemmSpec.NN_ADD, dG, ofSpans, weight);
  }

  /** The gradients of the tables, when all times are done. */
  void backwardFeatures(Dropout dropout) {
    Tensor dFeatures = backward.dFeatures;
    kernels.activation().dropout(dFeatures, dFeatures, dropout, SpanSite.FEATURES.number());
    int width = feature.columns();
    for (int table = 0; table < rows.size(); table++) {
      kernels.row().copyColumns(feature, 0, dFeatures, table * width, width);
      kernels.row().addRows(gradients.tables().get(table), feature, backward.rows.get(table));
    }
  }
}
