package org.mirror4j.train;

import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The batches of a task in order, each prepared by a thread of its own while the step before it
 * computes. A batch is a function of the step alone, so nothing depends on when it is prepared.
 */
final class BatchesAhead implements AutoCloseable {
  /** What the thread is called. */
  static final String THREAD = "next batch";

  private final TrainingTask task;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name(THREAD).factory());
  private int step;
  private Future<TrainingTask.Batch> prepared;

  /**
   * Begins to prepare the first batch.
   *
   * @param firstStep counts from 1; more than the task has if there is nothing to do
   */
  BatchesAhead(TrainingTask task, int firstStep) {
    this.task = task;
    prepare(firstStep);
  }

  private void prepare(int step) {
    this.step = step;
    prepared = step <= task.steps() ? thread.submit(() -> task.batch(step)) : null;
  }

  /**
   * The batch of the next step; the one after it begins to be prepared.
   *
   * @throws IllegalStateException if the calling thread is interrupted while it waits
   * @throws RuntimeException what preparing this batch threw
   */
  TrainingTask.Batch next() {
    TrainingTask.Batch batch;
    try {
      batch = prepared.get();
    } catch (ExecutionException e) {
      throw switch (e.getCause()) {
        case RuntimeException cause -> cause;
        case Error cause -> throw cause;
        default -> new IllegalStateException(e.getCause());
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("step " + step + ": interrupted before it began", e);
    }
    prepare(step + 1);
    return batch;
  }

  /** The batch that {@link #next} will give, if it is ready; a failure is left to {@link #next}. */
  Optional<TrainingTask.Batch> ready() {
    return prepared != null && prepared.state() == Future.State.SUCCESS
        ? Optional.of(prepared.resultNow())
        : Optional.empty();
  }

  /** Ends the thread; a batch that is being prepared is waited for, as it uses the tokenizer. */
  @Override
  public void close() {
    thread.shutdownNow();
    thread.close();
  }
}
