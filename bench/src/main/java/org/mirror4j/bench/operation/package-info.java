/** Fused operations beside the sequences of DJL's operations that they stand for. */
package org.mirror4j.bench.operation;
