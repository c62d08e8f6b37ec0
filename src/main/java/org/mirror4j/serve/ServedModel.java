package org.mirror4j.serve;

/**
 * What clients ask of a model.
 *
 * @param name what they are told it is called
 * @param dimensions elements of a vector
 * @param maxLength tokens of the longest text that is not cut
 * @param cutsLeft whether of a text that is too long the end is kept
 * @param normalized whether its vectors have a length of 1
 */
record ServedModel(
    String name, int dimensions, int maxLength, boolean cutsLeft, boolean normalized) {}
