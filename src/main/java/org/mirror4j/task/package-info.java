/**
 * Tasks of fine-tuning, each in a package of its own: its reader, features, head, decoder and
 * scorer. Here is what they have in common: {@link org.mirror4j.task.FineTunedTask}, as {@code
 * method.finetune} trains it. Depends on objective, bert, text and file.
 */
package org.mirror4j.task;
