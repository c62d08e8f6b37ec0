/**
 * Tables of papers, done again: of Mirror-BERT (Liu et al. 2021), BERT-flow (Li et al. 2020),
 * SpanBERT (Joshi et al. 2020) and fine-tuning of BERT (Devlin et al. 2019). Models are pretrained
 * and tuned with several seeds and measured, or fine-tuned and scored, and what comes out stands
 * beside what was published. What a table consists of is data, {@code tables.json}.
 */
package org.mirror4j.experiment;
