package org.mirror4j.task.coreference;

import java.util.List;

/**
 * What the metrics count, summed over documents.
 *
 * @param mentions found, whatever their chains
 * @param repeated mentions of the response that stood in it before
 */
record CoreferenceCounts(
    Fractions mentions,
    Fractions muc,
    Fractions bCubed,
    Fractions ceafMentions,
    Fractions ceafEntities,
    Blanc blanc,
    int repeated) {

  static final CoreferenceCounts NONE =
      new CoreferenceCounts(
          Fractions.NONE,
          Fractions.NONE,
          Fractions.NONE,
          Fractions.NONE,
          Fractions.NONE,
          Blanc.NONE,
          0);

  /** Of one document. */
  static CoreferenceCounts of(List<Chain> key, List<Chain> response) {
    NumberedChains chains = NumberedChains.of(key, response);
    return new CoreferenceCounts(
        chains.identified(),
        ChainMetrics.muc(chains),
        ChainMetrics.bCubed(chains),
        ChainMetrics.ceafMentions(chains),
        ChainMetrics.ceafEntities(chains),
        Blanc.of(chains),
        chains.repeated());
  }

  CoreferenceCounts plus(CoreferenceCounts other) {
    return new CoreferenceCounts(
        mentions.plus(other.mentions),
        muc.plus(other.muc),
        bCubed.plus(other.bCubed),
        ceafMentions.plus(other.ceafMentions),
        ceafEntities.plus(other.ceafEntities),
        blanc.plus(other.blanc),
        repeated + other.repeated);
  }

  /** All figures, under the names that the reference scorer has for its metrics. */
  List<MetricFigures> figures() {
    MetricFigures muc = muc().figures("muc");
    MetricFigures bCubed = bCubed().figures("bcub");
    MetricFigures ceafEntities = ceafEntities().figures("ceafe");
    return List.of(
        mentions.figures("mentions"),
        muc,
        bCubed,
        ceafMentions.figures("ceafm"),
        ceafEntities,
        blanc.figures("blanc"),
        new MetricFigures(
            "conll",
            (muc.precision() + bCubed.precision() + ceafEntities.precision()) / 3,
            (muc.recall() + bCubed.recall() + ceafEntities.recall()) / 3,
            (muc.f1() + bCubed.f1() + ceafEntities.f1()) / 3));
  }
}
