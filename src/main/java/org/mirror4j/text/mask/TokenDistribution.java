package org.mirror4j.text.mask;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.mirror4j.text.ItemRandom;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.text.block.BlockReader;
import org.mirror4j.text.block.SpanSource;

/**
 * Tokens that are put in the place of others: as often as they are in a corpus, as SpanBERT draws a
 * place of its token stream; BERT draws from its vocabulary.
 */
public final class TokenDistribution {
  /** Tokens of texts that are counted. */
  private static final long COUNTED_TOKENS = 1 << 22;

  private final int[] ids;
  private final long[] ends;

  private TokenDistribution(int[] ids, long[] ends) {
    this.ids = ids;
    this.ends = ends;
  }

  /**
   * As often as tokens are in texts: in the first four million, see {@link
   * BlockReader#tokenCounts}.
   *
   * @param spans where annotated spans come from, as a column of them is none of the text
   * @throws org.mirror4j.text.TextException if there is no token, or a file is no text
   */
  public static TokenDistribution of(List<Path> texts, Tokenizer tokenizer, SpanSource spans) {
    return of(BlockReader.tokenCounts(texts, tokenizer, spans, COUNTED_TOKENS));
  }

  /**
   * By counts.
   *
   * @param counts of each id of the vocabulary, see {@link BlockReader#tokenCounts}; those that are
   *     0 are never drawn
   * @throws IllegalArgumentException if all are 0, or one is negative
   */
  public static TokenDistribution of(long[] counts) {
    int[] ids = new int[counts.length];
    long[] ends = new long[counts.length];
    int used = 0;
    long sum = 0;
    for (int id = 0; id < counts.length; id++) {
      if (counts[id] < 0) {
        throw new IllegalArgumentException(
            "token %d occurs %d times, expected at least 0".formatted(id, counts[id]));
      }
      if (counts[id] > 0) {
        sum = Math.addExact(sum, counts[id]);
        ids[used] = id;
        ends[used++] = sum;
      }
    }
    if (used == 0) {
      throw new IllegalArgumentException(
          "none of the %d tokens occurs, expected one that may stand for another"
              .formatted(counts.length));
    }
    return new TokenDistribution(Arrays.copyOf(ids, used), Arrays.copyOf(ends, used));
  }

  /** A token. */
  int draw(ItemRandom random) {
    long place = random.below(ends[ends.length - 1]);
    int at = Arrays.binarySearch(ends, place + 1);
    return ids[at >= 0 ? at : -at - 1];
  }
}
