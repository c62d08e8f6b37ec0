/**
 * Measures encoders: rank correlation with human similarity scores, isotropy and geometry, nearest
 * neighbours, losses of masked tokens; writes reports. Tasks see a model only as a {@link
 * org.mirror4j.eval.MeasuredEncoder}.
 */
package org.mirror4j.eval;
