package org.mirror4j.task;

import java.util.Optional;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.TokenizedText;

/**
 * Texts as a model reads them, in the order of their file. Nothing here changes them: those of the
 * next batch are asked for by another thread while a batch computes.
 *
 * @param <T> what is to be predicted of a batch
 */
public interface Examples<T> {
  /** How many there are, at least one. */
  int size();

  /**
   * The examples as an epoch has them: of those that are too long to learn from whole another part
   * each time.
   *
   * @param seed of the run
   * @param epoch from 0
   */
  default Examples<T> in(long seed, int epoch) {
    return this;
  }

  /** The tokens of one, with the special tokens around them. */
  TokenizedText text(int example);

  /**
   * Tokens of each part of one that is encoded by itself: all of them, or the segments of a
   * document one after the other.
   *
   * @param text its {@link #text}, which takes time to make
   */
  default int[] segments(int example, TokenizedText text) {
    return new int[] {text.length()};
  }

  /**
   * The size of the largest, whatever the epoch, where each is computed by itself, as documents
   * are; empty where several are computed at once.
   */
  default Optional<BatchSize> alone() {
    return Optional.empty();
  }

  /**
   * What has to be known of some, beside their tokens, to say anything of them: empty where tokens
   * are all.
   *
   * @param packed their texts, in this order
   */
  default Optional<T> inputs(int[] examples, PackedBatch packed) {
    return Optional.empty();
  }

  /**
   * What is to be predicted of some.
   *
   * @param packed their texts, in this order
   */
  T targets(int[] examples, PackedBatch packed);

  /** How much of one is to be predicted, perhaps nothing: a loss is the mean over as many. */
  int predictions(int example);
}
