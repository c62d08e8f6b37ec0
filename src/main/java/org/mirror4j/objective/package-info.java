/**
 * What is minimised: {@link org.mirror4j.objective.ContrastiveObjective}, the InfoNCE loss of
 * Mirror-BERT over two views of each text, and {@link org.mirror4j.objective.PretrainingObjective},
 * the heads and losses of pretraining: masked language modelling, the span boundary objective,
 * next-sentence prediction. The first takes vectors, the second hidden states of the encoder; each
 * returns losses and overwrites or adds to gradients as it says; running the encoder is the
 * caller's. A head with parameters of its own is a block of the model's {@link
 * org.mirror4j.tensor.ParameterTable} that names them. Depends on text (how rows are grouped),
 * bert, device and tensor.
 */
package org.mirror4j.objective;
