/** The run on a card, with cuDNN beside the kernels: the program of {@code bench/gpu/run.sh}. */
package org.mirror4j.bench.card;
