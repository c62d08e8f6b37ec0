/**
 * Maps of a model's pooled vectors: what a model directory holds behind its pooling, and how linear
 * calibrations are fitted.
 */
package org.mirror4j.calibrate;
