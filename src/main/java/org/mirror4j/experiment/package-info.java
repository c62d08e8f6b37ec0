/**
 * The tables of the Mirror-BERT paper (Liu et al. 2021), done again: models are tuned with several
 * seeds and measured, and what comes out stands beside what was published. What a table consists of
 * is data, {@code tables.json}.
 */
package org.mirror4j.experiment;
