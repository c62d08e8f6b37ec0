/**
 * The network of coreference: {@link org.mirror4j.objective.coreference.SpanRanking} over the
 * hidden states of an encoder, of which a {@link org.mirror4j.objective.coreference.DocumentSpans}
 * says what they are. Knows no files and no words; depends on objective, bert, device and tensor.
 */
package org.mirror4j.objective.coreference;
