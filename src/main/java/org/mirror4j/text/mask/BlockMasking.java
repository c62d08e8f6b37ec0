package org.mirror4j.text.mask;

import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import org.mirror4j.text.ItemRandom;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.text.block.TokenBlock;
import org.mirror4j.text.block.TokenRange;

/**
 * Dynamic masking of blocks of tokens, drawn anew in each epoch (Devlin et al. 2019, section 3.1;
 * Liu et al. 2019, section 4.1; Joshi et al. 2020, section 3.1).
 *
 * <p>Of each segment, by itself, {@code ceil(ratio n)} of its n tokens are chosen as the {@link
 * MaskScheme} says. One draw for each chosen token, or for each run of them, decides: with 0.8 it
 * becomes the mask token, with 0.1 each of its tokens becomes one drawn from a distribution (which
 * may be the same one), with 0.1 it stays. All chosen tokens are to be predicted.
 *
 * <p>Special tokens are never chosen, nor counted, around the segments or written in a text; the
 * unknown token is a token as any other, as in the released code of both.
 */
public final class BlockMasking {
  private static final int TENTHS_MASKED = 8, TENTHS_REPLACED = 1;

  private final MaskSettings settings;
  private final IntPredicate continuesWord;
  private final IntPredicate special;
  private final int maskId;
  private final TokenDistribution replacements;

  /**
   * Masking over a vocabulary.
   *
   * @param continuesWord whether a token continues the word before it
   * @param special whether a token is never chosen
   * @param maskId the mask token
   * @param replacements what is put in the place of a token
   */
  public BlockMasking(
      MaskSettings settings,
      IntPredicate continuesWord,
      IntPredicate special,
      int maskId,
      TokenDistribution replacements) {
    this.settings = settings;
    this.continuesWord = continuesWord;
    this.special = special;
    this.maskId = maskId;
    this.replacements = replacements;
  }

  /** Masking over the vocabulary of a tokenizer. */
  public static BlockMasking of(
      MaskSettings settings, Tokenizer tokenizer, TokenDistribution replacements) {
    // Files may give one token two roles, as some pad with [SEP].
    Set<Integer> special =
        Set.copyOf(
            List.of(tokenizer.clsId(), tokenizer.sepId(), tokenizer.padId(), tokenizer.maskId()));
    return new BlockMasking(
        settings, tokenizer::continuesWord, special::contains, tokenizer.maskId(), replacements);
  }

  /** Masks a block, which is not changed; the same for the same arguments. */
  public MaskedTokens apply(TokenBlock block, long seed, int epoch) {
    ItemRandom random = new ItemRandom(ItemRandom.Use.MASKED_BLOCK, seed, epoch, block.number());
    TokenChoice choice = new TokenChoice(block, settings.lengths(), continuesWord, special, random);
    for (TokenRange segment : block.segments()) {
      choice.choose(settings.scheme(), segment, settings::budget);
    }
    return replaced(block, choice.chosen(), random);
  }

  private MaskedTokens replaced(TokenBlock block, BitSet chosen, ItemRandom random) {
    int[] positions = chosen.stream().toArray();
    int[] ids = block.ids().clone();
    int tenth = 0;
    for (int i = 0; i < positions.length; i++) {
      int position = positions[i];
      boolean startsRun = i == 0 || positions[i - 1] != position - 1;
      if (startsRun || settings.unit() == ReplacementUnit.TOKEN) {
        tenth = random.below(10);
      }
      if (tenth < TENTHS_MASKED) {
        ids[position] = maskId;
      } else if (tenth < TENTHS_MASKED + TENTHS_REPLACED) {
        ids[position] = replacements.draw(random);
      }
    }
    return new MaskedTokens(block, ids, positions);
  }
}
