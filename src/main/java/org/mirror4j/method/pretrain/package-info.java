/**
 * Masked language models from raw text: {@link org.mirror4j.method.pretrain.Pretraining} learns a
 * vocabulary and trains a fresh model. {@link org.mirror4j.method.pretrain.PretrainingSettings} are
 * the values, a {@code PretrainingPlan} is a run over what was read, a {@code PretrainingTask} its
 * steps. Knows no other method.
 */
package org.mirror4j.method.pretrain;
