/**
 * From a model directory to vectors: what is computed with, the model that is loaded, how its texts
 * become vectors, and the files that these are written to. The command line and {@link
 * org.mirror4j.Encoder} stand on it.
 */
package org.mirror4j.encode;
