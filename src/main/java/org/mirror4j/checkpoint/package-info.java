/**
 * Files that hold weights: safetensors, the model directory in HuggingFace layout, and the state of
 * an interrupted training run.
 *
 * <p>Everything read here may come from strangers: a file that is not what it claims to be ends in
 * a {@link org.mirror4j.file.FileException} of one line. Everything written here appears whole or
 * not at all ({@link org.mirror4j.file.AtomicFiles}), by one writer at a time ({@link
 * org.mirror4j.file.OutputLock}), and what is on the way is gone when the process ends ({@link
 * org.mirror4j.file.ProcessEnd}) or, after SIGKILL, with the next one on that output. What is
 * replaced is a model and nothing else; what no one here made is never touched.
 */
package org.mirror4j.checkpoint;
