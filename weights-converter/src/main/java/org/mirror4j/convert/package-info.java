/**
 * Conversion of checkpoints made elsewhere to the model directory of this project: PyTorch files
 * and ONNX exports are read byte by byte, nothing in them is executed.
 */
package org.mirror4j.convert;
