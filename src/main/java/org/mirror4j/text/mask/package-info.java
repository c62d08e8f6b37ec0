/**
 * What is hidden of a text so that a model learns from the rest: spans of characters or words of
 * the second view ({@link org.mirror4j.text.mask.TextSpanMask}, Mirror-BERT), or tokens, words and
 * spans of a block ({@link org.mirror4j.text.mask.BlockMasking}, BERT, RoBERTa and SpanBERT). The
 * draws of an item depend on seed, epoch and item alone.
 */
package org.mirror4j.text.mask;
