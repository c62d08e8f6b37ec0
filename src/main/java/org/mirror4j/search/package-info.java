/**
 * Nearest vectors among many: {@link org.mirror4j.search.Vectors} outside the heap, and the nearest
 * of them by products of matrices.
 */
package org.mirror4j.search;
