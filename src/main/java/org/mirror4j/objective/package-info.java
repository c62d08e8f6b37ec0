/**
 * What is minimised: {@link org.mirror4j.objective.ContrastiveObjective}, the InfoNCE loss of
 * Mirror-BERT over two views of each text, and {@link org.mirror4j.objective.MaskedLanguageModel},
 * the head and loss of pretraining. The first takes vectors, the second hidden states of the
 * encoder; each returns the loss and overwrites or adds to gradients as it says; running the
 * encoder is the caller's. A head with parameters of its own is a block of the model's {@link
 * org.mirror4j.tensor.ParameterTable} that names them. Depends on bert, device and tensor.
 */
package org.mirror4j.objective;
