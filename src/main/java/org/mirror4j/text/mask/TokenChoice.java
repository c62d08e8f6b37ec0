package org.mirror4j.text.mask;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import org.mirror4j.text.ItemRandom;
import org.mirror4j.text.block.TokenBlock;
import org.mirror4j.text.block.TokenRange;

/** Which tokens of a block are masked, segment by segment. */
final class TokenChoice {
  private final TokenBlock block;
  private final SpanLengths lengths;
  private final IntPredicate continuesWord;
  private final IntPredicate special;
  private final ItemRandom random;
  private final BitSet chosen = new BitSet();

  /** Of the segment that is chosen from. */
  private TokenRange segment;

  /** Tokens of the segment that are yet to be chosen. */
  private int left;

  TokenChoice(
      TokenBlock block,
      SpanLengths lengths,
      IntPredicate continuesWord,
      IntPredicate special,
      ItemRandom random) {
    this.block = block;
    this.lengths = lengths;
    this.continuesWord = continuesWord;
    this.special = special;
    this.random = random;
  }

  /**
   * Chooses tokens of a segment.
   *
   * @param budget how many, by the number of its tokens that are not special
   */
  void choose(MaskScheme scheme, TokenRange from, IntUnaryOperator budget) {
    segment = from;
    int[] ordinary = indexes(at -> !isSpecial(at));
    left = budget.applyAsInt(ordinary.length);
    switch (scheme) {
      case TOKENS -> chooseUnits(ordinary, at -> at + 1);
      case WORDS -> chooseUnits(indexes(this::startsWord), this::endOfWord);
      case SPANS -> chooseSpans(List.of());
      case ENTITIES, PHRASES ->
          chooseSpans(block.spans().stream().filter(segment::contains).toList());
    }
  }

  /** What is chosen so far. */
  BitSet chosen() {
    return chosen;
  }

  /**
   * Tokens or words, uniformly and without replacement: the first steps of a Fisher-Yates shuffle.
   * The last word is cut where the budget is met, as the last span is.
   *
   * @param starts of all units, reordered
   * @param end one past the last token of a unit
   */
  private void chooseUnits(int[] starts, IntUnaryOperator end) {
    for (int i = 0; left > 0; i++) {
      int drawn = i + random.below(starts.length - i);
      int start = starts[drawn];
      starts[drawn] = starts[i];
      take(start, end.applyAsInt(start));
    }
  }

  /**
   * Annotated and geometric spans with equal chances, geometric ones alone where nothing is
   * annotated. This ends: half of the draws at least are of geometric spans, whose anchor is any
   * token of the segment; one that is not chosen yet always comes, and is chosen then.
   */
  private void chooseSpans(List<TokenRange> annotated) {
    while (left > 0) {
      if (!annotated.isEmpty() && random.below(2) == 0) {
        TokenRange span = annotated.get(random.below(annotated.size()));
        take(span.from(), span.to());
      } else {
        chooseGeometric();
      }
    }
  }

  /** Words from that of a random token on; a token that is chosen already is drawn again. */
  private void chooseGeometric() {
    int words = lengths.draw(random);
    int at = segment.from() + random.below(segment.length());
    if (chosen.get(at) || isSpecial(at)) {
      return;
    }
    while (!startsWord(at)) {
      at--;
    }
    for (int word = 0; word < words && at < segment.to() && left > 0; word++) {
      int end = endOfWord(at);
      take(at, end);
      at = end;
    }
  }

  /** Chooses tokens until the budget is met. */
  private void take(int from, int to) {
    for (int at = from; at < to && left > 0; at++) {
      if (!chosen.get(at) && !isSpecial(at)) {
        chosen.set(at);
        left--;
      }
    }
  }

  private int endOfWord(int start) {
    int end = start + 1;
    while (end < segment.to() && !startsWord(end)) {
      end++;
    }
    return end;
  }

  /** A special token is a word of its own, and so is what continues it. */
  private boolean startsWord(int at) {
    return at == segment.from()
        || !continuesWord.test(block.ids()[at])
        || isSpecial(at)
        || isSpecial(at - 1);
  }

  private boolean isSpecial(int at) {
    return special.test(block.ids()[at]);
  }

  private int[] indexes(IntPredicate which) {
    int[] indexes = new int[segment.length()];
    int count = 0;
    for (int at = segment.from(); at < segment.to(); at++) {
      if (which.test(at)) {
        indexes[count++] = at;
      }
    }
    return Arrays.copyOf(indexes, count);
  }
}
