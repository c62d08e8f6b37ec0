/**
 * Texts indexed by their vectors with Lucene, and the nearest of them found by its graph (HNSW):
 * {@link org.mirror4j.lucene.TextIndexWriter} makes an index and {@link
 * org.mirror4j.lucene.TextIndex} searches it; {@link org.mirror4j.lucene.Main} does both at the
 * shell.
 */
package org.mirror4j.lucene;
