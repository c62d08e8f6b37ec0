package org.mirror4j.objective.coreference;

import org.mirror4j.device.operation.DropoutSite;

/** The places of {@link SpanRanking} that draw random bits, as classifiers of a model do. */
enum SpanSite {
  /** On the embeddings of widths, a row a span. */
  WIDTH,
  /** In the scorer of mentions, a row a span. */
  MENTION,
  /** In the scorer of widths, a row a width. */
  WIDTH_PRIOR,
  /** On the embeddings of distances of the coarse scores, a row a distance. */
  DISTANCE_PRIOR,
  /** On the vectors of spans, mapped, a row a span. */
  COARSE_SOURCE,
  /** On the vectors of antecedents, a row a span. */
  COARSE_TARGET,
  /** On the features of pairs, a row a pair. */
  FEATURES,
  /** In the scorer of pairs, a row a pair: the first time, then the numbers after it. */
  PAIR;

  /** The site's number for {@link org.mirror4j.device.operation.Dropout}. */
  int number() {
    return number(0);
  }

  /**
   * The number at one of several times.
   *
   * @param time from 0
   */
  int number(int time) {
    return DropoutSite.CLASSIFIER_INPUT.in(ordinal() + time);
  }
}
