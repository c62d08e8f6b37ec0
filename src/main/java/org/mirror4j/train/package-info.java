/**
 * Runs, whatever they train: {@link org.mirror4j.train.TrainingRun#execute} takes a {@link
 * org.mirror4j.train.Method}, which says what is read, planned and written, and does all that
 * methods have in common. A run is a {@link org.mirror4j.train.TrainingTask}, which gives the batch
 * of a step by its number, and the {@code Trainer}, which computes, updates one or several {@link
 * org.mirror4j.train.Trainable}s, logs and keeps checkpoints; all that is random is a function of
 * seed and step, so a resumed run ends in the same bytes. Its {@code RunDirectory} holds what that
 * takes until the output is whole: the settings with digests of the inputs, the log, and a
 * checkpoint of the last step before the output is written; output and folder are locked from the
 * start to the end. A {@link org.mirror4j.train.TrainingListener} hears how it goes. Knows no
 * method; depends on optim, bert, checkpoint, device, file and tensor.
 */
package org.mirror4j.train;
