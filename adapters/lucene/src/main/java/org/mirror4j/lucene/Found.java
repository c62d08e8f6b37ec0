package org.mirror4j.lucene;

import java.util.List;

/**
 * A query and what was found for it.
 *
 * @param query its text
 * @param hits the highest score first
 */
public record Found(String query, List<Hit> hits) {}
