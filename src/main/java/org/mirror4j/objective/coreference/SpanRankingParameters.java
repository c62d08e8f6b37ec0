package org.mirror4j.objective.coreference;

import static org.mirror4j.tensor.Parameter.bias;
import static org.mirror4j.tensor.Parameter.weight;

import java.util.List;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.tensor.ParameterScope;
import org.mirror4j.tensor.Tensor;

/**
 * The parameters of {@link SpanRanking}, or their gradients. H is the encoder's hidden size, F that
 * of features, N that of the scorers, D = 3 H + F that of a span's vector.
 *
 * <p>Before training all weights, tables of features among them, are normal with the deviation of
 * the encoder's, its initializer_range, and biases 0: so does the code that Joshi et al. released
 * (independent.py and util.py, as experiments.conf of the same time trains with them), where it is
 * 0.02 and what is two deviations away is drawn again.
 *
 * @param attention [1, H], of the tokens of a span
 * @param widths [maxWidth, F]
 * @param mention [N, D]
 * @param mentionScore over what mention gives
 * @param priorWidths [maxWidth, F]
 * @param prior [N, F]
 * @param priorScore over what prior gives
 * @param coarse [D, D]
 * @param priorDistances [distances, F]
 * @param priorDistance [1, F]
 * @param pairs the first layer of pairs
 * @param pairScore over what that gives
 * @param gate [D, 2 D]
 * @param gateBias [D]
 * @param vectors all that do not decay, side by side
 */
record SpanRankingParameters(
    Tensor attention,
    Tensor widths,
    Tensor mention,
    ScoreLayer.Parameters mentionScore,
    Tensor priorWidths,
    Tensor prior,
    ScoreLayer.Parameters priorScore,
    Tensor coarse,
    Tensor priorDistances,
    Tensor priorDistance,
    Pairs pairs,
    ScoreLayer.Parameters pairScore,
    Tensor gate,
    Tensor gateBias,
    Tensor vectors) {
  /**
   * What a pair is made of.
   *
   * @param first [N, D], of the span
   * @param second [N, D], of the antecedent
   * @param product [N, D], of both multiplied
   * @param features [N, 4 F], of the following in their order
   * @param speakers [2, F]
   * @param genres [genres, F]
   * @param distances [distances, F]
   * @param segments [segments, F]
   */
  record Pairs(
      Tensor first,
      Tensor second,
      Tensor product,
      Tensor features,
      Tensor speakers,
      Tensor genres,
      Tensor distances,
      Tensor segments) {
    static Pairs take(ParameterScope scope, SpanRankingSize size, int vector, float deviation) {
      int hidden = size.hiddenSize();
      int feature = size.featureSize();
      return new Pairs(
          scope.take(weight("first.weight", hidden, vector, deviation)),
          scope.take(weight("second.weight", hidden, vector, deviation)),
          scope.take(weight("product.weight", hidden, vector, deviation)),
          scope.take(weight("features.weight", hidden, TABLES * feature, deviation)),
          scope.take(weight("speaker_embeddings.weight", 2, feature, deviation)),
          scope.take(weight("genre_embeddings.weight", size.genres(), feature, deviation)),
          scope.take(
              weight("distance_embeddings.weight", SpanRankingSize.DISTANCES, feature, deviation)),
          scope.take(weight("segment_embeddings.weight", size.segments(), feature, deviation)));
    }

    /** The tables of features in the order of the columns of {@link #features}. */
    List<Tensor> tables() {
      return List.of(speakers, genres, distances, segments);
    }
  }

  /** Features of a pair. */
  static final int TABLES = 4;

  /** Takes them. */
  static SpanRankingParameters of(ParameterScope scope, BertConfig config, SpanRankingSize size) {
    ParameterScope head = scope.in("coreference");
    ParameterScope mention = head.in("mention");
    ParameterScope prior = head.in("width_prior");
    ParameterScope distance = head.in("distance_prior");
    ParameterScope antecedent = head.in("antecedent");
    int hidden = size.hiddenSize();
    int feature = size.featureSize();
    int vector = size.vectorSize(config.hiddenSize());
    float deviation = config.initializerRange();
    return new SpanRankingParameters(
        head.take(weight("attention.weight", 1, config.hiddenSize(), deviation)),
        head.take(weight("width_embeddings.weight", size.maxWidth(), feature, deviation)),
        mention.take(weight("dense.weight", hidden, vector, deviation)),
        ScoreLayer.Parameters.take(mention, hidden, deviation),
        prior.take(weight("embeddings.weight", size.maxWidth(), feature, deviation)),
        prior.take(weight("dense.weight", hidden, feature, deviation)),
        ScoreLayer.Parameters.take(prior, hidden, deviation),
        head.take(weight("coarse.weight", vector, vector, deviation)),
        distance.take(weight("embeddings.weight", SpanRankingSize.DISTANCES, feature, deviation)),
        distance.take(weight("score.weight", 1, feature, deviation)),
        Pairs.take(antecedent, size, vector, deviation),
        ScoreLayer.Parameters.take(antecedent, hidden, deviation),
        head.take(weight("gate.weight", vector, 2 * vector, deviation)),
        head.take(bias("gate.bias", vector)),
        scope.undecayed());
  }

  /** All that decay. */
  List<Tensor> matrices() {
    return List.of(
        attention,
        widths,
        mention,
        mentionScore.weight(),
        priorWidths,
        prior,
        priorScore.weight(),
        coarse,
        priorDistances,
        priorDistance,
        pairs.first,
        pairs.second,
        pairs.product,
        pairs.features,
        pairs.speakers,
        pairs.genres,
        pairs.distances,
        pairs.segments,
        pairScore.weight(),
        gate);
  }
}
