package org.mirror4j;

/**
 * A text and what an {@link Encoder} made of it.
 *
 * @param text as it was given
 * @param vector of {@link Encoder#dimensions} elements
 * @param tokens that the vector was computed from, prompt and special tokens included
 * @param truncated whether the text had more tokens than {@link Encoder#maxLength}, so that its end
 *     is not in the vector, or its beginning where {@link Encoder#cutsLeft}
 */
public record EncodedText(String text, float[] vector, int tokens, boolean truncated) {}
