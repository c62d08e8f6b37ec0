/** The training step and the encoder beside DJL's. */
package org.mirror4j.bench.training;
