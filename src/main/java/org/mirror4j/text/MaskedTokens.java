package org.mirror4j.text;

/**
 * One sequence of masked language modelling.
 *
 * @param ids token ids with some replaced
 * @param positions ascending indexes into {@code ids} of the tokens to predict
 * @param labels [positions], the ids that stood there
 */
public record MaskedTokens(int[] ids, int[] positions, int[] labels) {}
