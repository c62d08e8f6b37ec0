/**
 * BERT and RoBERTa encoders (Devlin et al. 2019, Liu et al. 2019), forward and backward. {@link
 * org.mirror4j.bert.BertConfig} is the architecture, {@link org.mirror4j.bert.BertModel} the
 * weights, flat in the layout of {@link org.mirror4j.tensor.ParameterTable}, named as in
 * HuggingFace's files, with a copy in the type that activations are stored in. {@link
 * org.mirror4j.bert.BertEncoder} computes packed sequences in buffers planned for the largest
 * batch, {@link org.mirror4j.bert.PooledEncoder} makes each a vector, and {@link
 * org.mirror4j.bert.TextEncoder} is the way from texts to vectors. Depends on text, checkpoint,
 * device and tensor.
 */
package org.mirror4j.bert;
