/**
 * From text to packed batches of token ids: reading corpora, tokenizers, learning vocabularies, and
 * the augmentations that work on text or token ids. Nothing here knows of devices.
 */
package org.mirror4j.text;
