package org.mirror4j.train;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How a run is kept; nothing here changes its result.
 *
 * @param checkpointSteps a checkpoint is written every so many steps
 * @param checkpointSeconds and after so many seconds; longer where writing one takes long, see
 *     {@link CheckpointInterval}
 * @param resume whether an unfinished run goes on
 * @param overwrite whether an unfinished run and an output that is there are replaced
 * @param tensorBoard folder that gets the steps as TensorBoard reads them too
 */
public record RunOptions(
    int checkpointSteps,
    int checkpointSeconds,
    boolean resume,
    boolean overwrite,
    Optional<Path> tensorBoard) {
  /** Steps or seconds after which no run gets. */
  public static final int NEVER = Integer.MAX_VALUE;

  /** Seconds between two checkpoints where nothing else is asked for. */
  public static final int DEFAULT_SECONDS = 60;

  /** Checks the values. */
  public RunOptions {
    Settings.atLeast("--checkpoint-steps", checkpointSteps, 1);
    Settings.atLeast("--checkpoint-seconds", checkpointSeconds, 1);
    if (resume && overwrite) {
      throw new IllegalArgumentException("--resume and --overwrite exclude each other");
    }
  }

  /** Without TensorBoard. */
  public RunOptions(int checkpointSteps, int checkpointSeconds, boolean resume, boolean overwrite) {
    this(checkpointSteps, checkpointSeconds, resume, overwrite, Optional.empty());
  }

  /** With {@link #DEFAULT_SECONDS}. */
  public RunOptions(int checkpointSteps, boolean resume, boolean overwrite) {
    this(checkpointSteps, DEFAULT_SECONDS, resume, overwrite);
  }

  /** The same with another folder for TensorBoard. */
  public RunOptions with(Optional<Path> folder) {
    return new RunOptions(checkpointSteps, checkpointSeconds, resume, overwrite, folder);
  }
}
