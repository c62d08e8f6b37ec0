/** BERT and the training step of Mirror-BERT in DJL on PyTorch. */
package org.mirror4j.bench.djl;
