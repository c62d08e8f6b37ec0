/**
 * A corpus of raw text as blocks of tokens for pretraining: {@link
 * org.mirror4j.text.block.BlockReader} reads them one after the other in one of three ways ({@link
 * org.mirror4j.text.block.BlockKind}), {@link org.mirror4j.text.block.ShuffledBlocks} mixes them.
 */
package org.mirror4j.text.block;
