package org.mirror4j.train;

/**
 * How a run is kept; nothing here changes its result.
 *
 * @param checkpointSteps a checkpoint is written every so many steps
 * @param resume whether an unfinished run goes on
 * @param overwrite whether an unfinished run and an output that is there are replaced
 */
public record RunOptions(int checkpointSteps, boolean resume, boolean overwrite) {
  /** Checks the values. */
  public RunOptions {
    MirrorSettings.atLeast("--checkpoint-steps", checkpointSteps, 1);
    if (resume && overwrite) {
      throw new IllegalArgumentException("--resume and --overwrite exclude each other");
    }
  }
}
