package org.mirror4j.lucene;

/**
 * An item that was found.
 *
 * @param score cosine of its vector and that of the query, in [-1, 1]; 0 where either is all zeros
 */
public record Hit(Item item, double score) {}
