package org.mirror4j.train;

import java.nio.file.Path;
import org.mirror4j.tensor.DType;

/**
 * What is asked of a run, whatever it trains.
 *
 * @param output directory to write
 * @param store type of the written weights
 * @param compute how the steps are computed
 * @param options how the run is kept
 */
public record RunRequest(Path output, DType store, ComputeOptions compute, RunOptions options) {}
