/**
 * Measures encoders: rank correlation with human similarity scores, isotropy, nearest neighbours;
 * writes reports. Sees a model only as an {@link org.mirror4j.eval.MeasuredEncoder}.
 */
package org.mirror4j.eval;
