package org.mirror4j.method.pretrain;

import org.mirror4j.device.operation.Dropout;

/**
 * A step that is filled with whole blocks, as many as fit into its tokens, in parts that are
 * computed at once.
 */
final class StepFilling {
  private final PartSizes sizes;
  private int parts = 1;
  private int tokens;
  private int tokensOfPart;
  private int blocksOfPart;

  /** Where a block goes. */
  enum Place {
    /** The part of the block before it. */
    SAME_PART,
    /** The next part of the step. */
    NEXT_PART,
    /** The next step: this one is full. */
    NEXT_STEP
  }

  /** An empty step. */
  StepFilling(PartSizes sizes) {
    this.sizes = sizes;
  }

  /**
   * Adds a block, unless the step is full; the first one always fits.
   *
   * @param length tokens of it, at most those of a part
   * @throws IllegalArgumentException if the step has too many parts
   */
  Place add(int length) {
    if (tokens > 0 && tokens + length > sizes.settings().batchTokens()) {
      return Place.NEXT_STEP;
    }
    boolean full = tokensOfPart + length > sizes.tokens() || blocksOfPart == sizes.sequences();
    if (full && !sizes.severalParts()) {
      return Place.NEXT_STEP;
    }
    if (full && parts++ == Dropout.MOST_PARTS) {
      throw new IllegalArgumentException(
          "a step of --batch-tokens %d takes more than %d parts of --device-tokens %d, expected at most so many: raise --device-tokens"
              .formatted(
                  sizes.settings().batchTokens(),
                  Dropout.MOST_PARTS,
                  sizes.settings().deviceTokens()));
    }
    tokens += length;
    tokensOfPart = full ? length : tokensOfPart + length;
    blocksOfPart = full ? 1 : blocksOfPart + 1;
    return full ? Place.NEXT_PART : Place.SAME_PART;
  }

  /** Of the blocks that were added. */
  int tokens() {
    return tokens;
  }
}
