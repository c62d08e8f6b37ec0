package org.mirror4j.text.mask;

import org.mirror4j.text.ItemRandom;

/**
 * Lengths of spans: geometric, truncated and renormalised, {@code P(l) = p (1 - p)^(l - 1) / (1 -
 * (1 - p)^longest)} for l from 1 to {@code longest} (Joshi et al. 2020, section 3.1). What is cut
 * off is shared among all lengths, not given to the longest.
 *
 * @param p of the distribution, more than 0 and less than 1
 * @param longest at least 1
 */
public record SpanLengths(double p, int longest) {
  /** 0.2 and 10, a mean of 3.8. */
  public static final SpanLengths SPANBERT = new SpanLengths(0.2, 10);

  /**
   * As the record says.
   *
   * @throws IllegalArgumentException if a value is none of these
   */
  public SpanLengths {
    if (!(p > 0 && p < 1)) {
      throw new IllegalArgumentException(
          "p of the span lengths is %s, expected more than 0 and less than 1".formatted(p));
    }
    if (longest < 1) {
      throw new IllegalArgumentException(
          "the longest span is %d, expected at least 1".formatted(longest));
    }
  }

  /** A length, by the inverse of the distribution function. */
  int draw(ItemRandom random) {
    double left = random.unit() * (1 - Math.pow(1 - p, longest));
    int length = (int) Math.floor(Math.log1p(-left) / Math.log1p(-p)) + 1;
    return Math.min(length, longest);
  }
}
