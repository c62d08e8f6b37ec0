package org.mirror4j.text.mask;

import org.mirror4j.text.block.SpanSource;

/** What is masked of a block of tokens (Joshi et al. 2020, table 6). */
public enum MaskScheme {
  /** Single tokens, drawn uniformly without replacement. */
  TOKENS(ReplacementUnit.TOKEN, SpanSource.NONE),
  /** Whole words, drawn uniformly without replacement. */
  WORDS(ReplacementUnit.TOKEN, SpanSource.NONE),
  /** With equal chances an annotated named entity or a span of {@link #SPANS}. */
  ENTITIES(ReplacementUnit.SPAN, SpanSource.CAPITALISED),
  /** With equal chances an annotated noun phrase or a span of {@link #SPANS}. */
  PHRASES(ReplacementUnit.SPAN, SpanSource.BETWEEN_FUNCTION_WORDS),
  /** Spans of words whose lengths are drawn from {@link SpanLengths}. */
  SPANS(ReplacementUnit.SPAN, SpanSource.NONE);

  private final ReplacementUnit unit;
  private final SpanSource heuristic;

  MaskScheme(ReplacementUnit unit, SpanSource heuristic) {
    this.unit = unit;
    this.heuristic = heuristic;
  }

  /**
   * What one draw decides of by default: a span where spans are masked, as in SpanBERT; a token
   * elsewhere, as in BERT, whose masking of whole words draws for each piece by itself, too.
   */
  public ReplacementUnit unit() {
    return unit;
  }

  /** Where its annotated spans come from in a corpus that has none. */
  public SpanSource heuristic() {
    return heuristic;
  }
}
