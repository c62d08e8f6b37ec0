package org.mirror4j.task;

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

  /** The tokens of one, with the special tokens around them. */
  TokenizedText text(int example);

  /**
   * What is to be predicted of some.
   *
   * @param packed their texts, in this order
   */
  T targets(int[] examples, PackedBatch packed);

  /** How much of one is to be predicted, perhaps nothing: a loss is the mean over as many. */
  int predictions(int example);
}
