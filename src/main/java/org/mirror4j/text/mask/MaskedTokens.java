package org.mirror4j.text.mask;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.text.block.TokenBlock;
import org.mirror4j.text.block.TokenRange;

/**
 * A block with some of its tokens hidden.
 *
 * @param block what stood there
 * @param ids [tokens], some replaced
 * @param positions ascending indexes into {@code ids} of the tokens to predict
 */
public record MaskedTokens(TokenBlock block, int[] ids, int[] positions) {
  /** [positions], the ids that stood there. */
  public int[] labels() {
    int[] labels = new int[positions.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = block.ids()[positions[i]];
    }
    return labels;
  }

  /**
   * The runs of neighbouring {@link #positions}, ascending: spans that touch or overlap are one.
   * The tokens next to a run, {@code from - 1} and {@code to}, are not hidden.
   */
  public List<TokenRange> spans() {
    List<TokenRange> spans = new ArrayList<>();
    for (int i = 0; i < positions.length; ) {
      int from = positions[i];
      int to = from;
      while (i < positions.length && positions[i] == to) {
        i++;
        to++;
      }
      spans.add(new TokenRange(from, to));
    }
    return spans;
  }

  /**
   * The {@link #spans} that have a token of their segment on both sides, so that a span boundary
   * objective can tell what is within from what is around: those that touch the first or the last
   * token of a segment are left out (the released code of Joshi et al. 2020).
   */
  public List<TokenRange> boundedSpans() {
    return spans().stream().filter(this::isBounded).toList();
  }

  private boolean isBounded(TokenRange span) {
    return block.segments().stream()
        .anyMatch(segment -> segment.from() < span.from() && span.to() < segment.to());
  }
}
