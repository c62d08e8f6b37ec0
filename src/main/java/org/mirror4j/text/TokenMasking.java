package org.mirror4j.text;

import java.util.Arrays;

/**
 * Dynamic masking of masked language modelling (Devlin et al. 2019, section 3.1 and appendix A.1;
 * drawn anew in each epoch as by Liu et al. 2019).
 *
 * <p>Of the n tokens of a sequence that are not special, max(1, round(0.15 n)) are chosen uniformly
 * without replacement, none if n is 0. Of the chosen ones 80 % become the mask token, 10 % a token
 * drawn uniformly from all that are not special (which may be the same one), 10 % stay.
 */
public final class TokenMasking {
  /** Share of the tokens that is predicted. */
  public static final double PREDICTED = 0.15;

  private static final int TENTHS_MASKED = 8, TENTHS_REPLACED = 1;

  private final int maskId;
  private final boolean[] special;
  private final int[] ordinary;

  /**
   * Masking over a vocabulary.
   *
   * @param specialIds ids that are neither chosen nor put in another's place, with or without the
   *     mask, which never is
   */
  public TokenMasking(int vocabSize, int maskId, int... specialIds) {
    this.maskId = maskId;
    special = new boolean[vocabSize];
    special[maskId] = true;
    for (int id : specialIds) {
      special[id] = true;
    }
    int[] free = new int[vocabSize];
    int count = 0;
    for (int id = 0; id < vocabSize; id++) {
      if (!special[id]) {
        free[count++] = id;
      }
    }
    if (count == 0) {
      throw new IllegalArgumentException(
          "all %d ids of the vocabulary are special".formatted(vocabSize));
    }
    ordinary = Arrays.copyOf(free, count);
  }

  /** Masking over the vocabulary of a tokenizer. */
  public static TokenMasking of(Tokenizer tokenizer) {
    return new TokenMasking(
        tokenizer.vocabSize(),
        tokenizer.maskId(),
        tokenizer.clsId(),
        tokenizer.sepId(),
        tokenizer.padId(),
        tokenizer.unknownId());
  }

  /** Tokens to predict in a sequence with {@code tokens} that are not special. */
  public static int predictions(int tokens) {
    return tokens == 0 ? 0 : Math.max(1, (int) Math.round(PREDICTED * tokens));
  }

  /**
   * Masks a sequence; the same for the same arguments.
   *
   * @param ids token ids, special ones included; not changed
   * @param item number of the sequence in the corpus
   */
  public MaskedTokens apply(int[] ids, long seed, int epoch, int item) {
    ItemRandom random = new ItemRandom(ItemRandom.Use.MASKED_TOKENS, seed, epoch, item);
    int[] candidates = candidates(ids);
    int[] positions = choose(candidates, predictions(candidates.length), random);
    int[] masked = ids.clone();
    int[] labels = new int[positions.length];
    for (int i = 0; i < positions.length; i++) {
      labels[i] = ids[positions[i]];
      int tenth = random.below(10);
      if (tenth < TENTHS_MASKED) {
        masked[positions[i]] = maskId;
      } else if (tenth < TENTHS_MASKED + TENTHS_REPLACED) {
        masked[positions[i]] = ordinary[random.below(ordinary.length)];
      }
    }
    return new MaskedTokens(masked, positions, labels);
  }

  private int[] candidates(int[] ids) {
    int[] candidates = new int[ids.length];
    int count = 0;
    for (int i = 0; i < ids.length; i++) {
      if (!special[ids[i]]) {
        candidates[count++] = i;
      }
    }
    return Arrays.copyOf(candidates, count);
  }

  /** The first steps of a Fisher-Yates shuffle, which reorders {@code from}. */
  private static int[] choose(int[] from, int count, ItemRandom random) {
    for (int i = 0; i < count; i++) {
      int j = i + random.below(from.length - i);
      int chosen = from[j];
      from[j] = from[i];
      from[i] = chosen;
    }
    int[] chosen = Arrays.copyOf(from, count);
    Arrays.sort(chosen);
    return chosen;
  }
}
