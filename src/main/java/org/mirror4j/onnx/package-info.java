/**
 * Models as ONNX files: the encoder, its pooling and what maps its vectors as one graph, and the
 * directory that other libraries load it from.
 *
 * <p>A graph is first described, {@link org.mirror4j.onnx.Graph}, with no value of a weight in
 * memory; these are read one at a time while the file is written, {@link
 * org.mirror4j.onnx.ModelFile}.
 */
package org.mirror4j.onnx;
