/** Linear calibrations of a model by the vectors of texts, and of vectors in a file. */
package org.mirror4j.method.whiten;
