package org.mirror4j.train;

import java.util.List;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.text.SpanMask;
import org.mirror4j.text.TextPair;
import org.mirror4j.text.Tokenizer;

/** The epochs of a run; one at a time is kept, tokenised when it is first asked for. */
final class MirrorEpochs {
  private final BertConfig config;
  private final MirrorSettings settings;
  private final List<TextPair> pairs;
  private final Tokenizer tokenizer;
  private final int batchSize;
  private final int tokenMultiple;
  private final SpanMask mask;
  private int number = -1;
  private MirrorEpoch current;

  /**
   * The epochs of a run.
   *
   * @param batchSize items of a step
   * @param tokenMultiple what the rows of a batch are a multiple of
   */
  MirrorEpochs(
      BertConfig config,
      MirrorSettings settings,
      List<TextPair> pairs,
      Tokenizer tokenizer,
      int batchSize,
      int tokenMultiple) {
    this.config = config;
    this.settings = settings;
    this.pairs = pairs;
    this.tokenizer = tokenizer;
    this.batchSize = batchSize;
    this.tokenMultiple = tokenMultiple;
    mask = new SpanMask(settings.spanUnit(), settings.spanMask(), tokenizer.maskToken());
  }

  /**
   * An epoch.
   *
   * @param epoch counts from 0
   */
  MirrorEpoch get(int epoch) {
    if (epoch != number) {
      current =
          new MirrorEpoch(
              config, settings, tokenizer, pairs, batchSize, tokenMultiple, mask, epoch);
      number = epoch;
    }
    return current;
  }
}
