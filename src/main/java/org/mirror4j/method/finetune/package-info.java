/**
 * Fine-tuning: {@link org.mirror4j.method.finetune.FineTuning} trains an encoder with the head of a
 * {@link org.mirror4j.task.FineTunedTask}, whichever task that is. Depends on task, objective,
 * train, bert and checkpoint.
 */
package org.mirror4j.method.finetune;
