package org.mirror4j.train;

/**
 * When a checkpoint is due: after so many steps or so much time, whichever comes first. By time it
 * waits for as long as it takes for the last checkpoint to have been at most a tenth of the time,
 * so that a large model on a slow disk is trained rather than stored.
 */
final class CheckpointInterval {
  /** Time between two checkpoints for each second that the first of them took. */
  private static final double REST = 9;

  private final int steps;
  private final double seconds;
  private long last;
  private double cost;

  /**
   * @param now {@code System.nanoTime()} when the run starts
   */
  CheckpointInterval(RunOptions options, long now) {
    steps = options.checkpointSteps();
    seconds = options.checkpointSeconds();
    last = now;
  }

  /** Whether one is due after a step. */
  boolean due(int step, long now) {
    return step % steps == 0 || (now - last) * 1e-9 >= Math.max(seconds, REST * cost);
  }

  /** One was written. */
  void written(long start, long end) {
    last = end;
    cost = (end - start) * 1e-9;
  }
}
