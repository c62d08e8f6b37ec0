/**
 * Conversion of checkpoints made elsewhere to the model directory of this project: PyTorch files,
 * ONNX exports and TensorFlow checkpoints are read byte by byte, nothing in them is executed.
 */
package org.mirror4j.convert;
