/**
 * The oracle of the tests: a BERT encoder with its objectives in double, one sequence at a time and
 * without padding unless asked for. It is written from the formulas and shares nothing with the
 * engine but the definition of which elements dropout keeps. Derivatives come from {@link
 * org.mirror4j.reference.Tape}: every operation has one, derived by hand, and every one is checked
 * by finite differences.
 *
 * <p>Matrices are [rows, columns]; vectors (biases, LayerNorm weights) are matrices of one row.
 */
package org.mirror4j.reference;
