/**
 * Masked language models from raw text: {@link org.mirror4j.method.pretrain.Pretraining} trains a
 * fresh model, whose vocabulary it learns, or goes on with one. {@link
 * org.mirror4j.method.pretrain.PretrainingSettings} are the values, {@link
 * org.mirror4j.method.pretrain.PretrainingRecipe} those that were published, a {@code
 * PretrainedModel} what is trained, a {@code PretrainingText} what it is trained on, a {@code
 * PretrainingPlan} a run, a {@code PretrainingTask} its steps. Knows no other method.
 */
package org.mirror4j.method.pretrain;
