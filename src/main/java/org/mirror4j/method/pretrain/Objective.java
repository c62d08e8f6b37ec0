package org.mirror4j.method.pretrain;

import java.util.Optional;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.text.mask.MaskScheme;

/** What a model learns to predict. */
public enum Objective implements JsonRecords.Labelled {
  /** Masked tokens (Devlin et al. 2019). */
  MLM("mlm", false, false),
  /** Masked tokens, where spans are masked unless something else is asked for. */
  SPAN("span", false, false),
  /** The same, and the tokens of a span from those beside it (Joshi et al. 2020). */
  SPAN_SBO("span+sbo", true, false),
  /** Masked tokens, and whether the second of two segments follows the first (Devlin et al.). */
  MLM_NSP("mlm+nsp", false, true);

  private final String label;
  private final boolean spanBoundary;
  private final boolean nextSentence;

  Objective(String label, boolean spanBoundary, boolean nextSentence) {
    this.label = label;
    this.spanBoundary = spanBoundary;
    this.nextSentence = nextSentence;
  }

  @Override
  public String label() {
    return label;
  }

  /** What is masked unless something else is asked for. */
  public MaskScheme mask() {
    return this == SPAN || this == SPAN_SBO ? MaskScheme.SPANS : MaskScheme.TOKENS;
  }

  /** Whether blocks are two segments. */
  boolean pairs() {
    return nextSentence;
  }

  /** The heads that a model needs for it. */
  PretrainingHeads heads(int places, int placeWidth) {
    return new PretrainingHeads(
        spanBoundary
            ? Optional.of(new PretrainingHeads.SpanBoundarySize(places, placeWidth))
            : Optional.empty(),
        nextSentence);
  }
}
