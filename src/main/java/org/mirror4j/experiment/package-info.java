/**
 * Tables of papers, done again: of Mirror-BERT (Liu et al. 2021), BERT-flow (Li et al. 2020) and
 * SpanBERT (Joshi et al. 2020). Models are pretrained and tuned with several seeds and measured,
 * and what comes out stands beside what was published. What a table consists of is data, {@code
 * tables.json}.
 */
package org.mirror4j.experiment;
