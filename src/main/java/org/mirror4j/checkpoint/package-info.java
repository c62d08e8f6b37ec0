/**
 * Files that hold weights: safetensors, the model directory in HuggingFace layout, and the state of
 * an interrupted training run.
 *
 * <p>Everything read here may come from strangers: a file that is not what it claims to be ends in
 * a {@link org.mirror4j.checkpoint.CheckpointException} of one line. Everything written here
 * appears whole or not at all ({@link org.mirror4j.checkpoint.AtomicFiles}).
 */
package org.mirror4j.checkpoint;
