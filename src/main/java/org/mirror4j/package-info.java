/**
 * Vectors of words and sentences in a Java program; the one package that an application imports.
 *
 * <pre>{@code
 * try (Encoder encoder = Encoder.load(Path.of("tuned"))) {
 *   float[] vector = encoder.embed("a cup of tea");
 *   float[][] many = encoder.embed(List.of("a cup of tea", "a pot of coffee"));
 *   double cosine = encoder.similarity("king", "queen");
 * }
 * }</pre>
 *
 * <p>A model becomes an encoder by tuning it on texts without labels:
 *
 * <pre>{@code
 * MirrorTuning.of(Path.of("bert-base-uncased")).sentences(sentences).run(Path.of("tuned"));
 * }</pre>
 *
 * <p>Java computes on the processor with the module {@code jdk.incubator.vector} and calls native
 * libraries: start it with {@code --add-modules jdk.incubator.vector
 * --enable-native-access=ALL-UNNAMED}. What cannot be used is a {@link
 * org.mirror4j.Mirror4jException}, whose message is one line for people.
 */
package org.mirror4j;
