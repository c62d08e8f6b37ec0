/**
 * Whole runs: {@link org.mirror4j.train.MirrorTraining} tunes a model on a corpus, {@link
 * org.mirror4j.train.Pretraining} makes one from raw text. A run is a {@code TrainingTask}, which
 * gives the batch of a step by its number, and the {@code Trainer}, which computes, updates one or
 * several {@code Trainable}s, logs and keeps checkpoints; all that is random is a function of seed
 * and step, so a resumed run ends in the same bytes. Its {@code RunDirectory} holds what that takes
 * until the output is whole: the settings with digests of model, tokenizer and corpus, the log, and
 * a checkpoint of the last step before the output is written; output and folder are locked from the
 * start to the end. {@link org.mirror4j.train.MirrorSettings} are the values, {@link
 * org.mirror4j.train.Recipe} the published ones, and a {@link org.mirror4j.train.TrainingListener}
 * hears how it goes. Depends on objective, optim, bert, text, checkpoint, device and tensor.
 */
package org.mirror4j.train;
