package org.mirror4j;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.mirror4j.train.StepRecord;
import org.mirror4j.train.TrainingInterruptedException;
import org.mirror4j.train.TrainingListener;

/**
 * A training on a thread of its own, and the caller that waits for it: an interrupt of the thread
 * that writes files would close them.
 */
final class TuningRun implements TrainingListener {
  private final TuningListener listener;
  private volatile boolean stopRequested;

  /**
   * What a call of the listener threw, which is no setting's fault; read when the thread is done.
   */
  private Throwable thrown;

  private TuningRun(TuningListener listener) {
    this.listener = listener;
  }

  /** Runs a training to its end, or to the end of the step in which the caller is interrupted. */
  static void await(TuningListener listener, Consumer<TrainingListener> training) {
    TuningRun run = new TuningRun(listener);
    CompletableFuture<Void> end = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("mirror4j-tuning")
        .start(
            () -> {
              try {
                training.accept(run);
                end.complete(null);
              } catch (Throwable failure) {
                end.completeExceptionally(failure);
              }
            });
    run.await(end);
  }

  private void await(CompletableFuture<Void> end) {
    InterruptedException interrupt = null;
    try {
      while (true) {
        try {
          end.get();
          return;
        } catch (InterruptedException e) {
          interrupt = e;
          stopRequested = true;
        }
      }
    } catch (ExecutionException e) {
      if (interrupt != null && e.getCause() instanceof TrainingInterruptedException) {
        throw Mirror4jException.interrupted(
            "tuning; what is done is kept to go on with", interrupt);
      }
      throw e.getCause() == thrown
          ? Mirror4jException.of(thrown)
          : Mirror4jException.ofSettings(e.getCause());
    } finally {
      if (interrupt != null) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public boolean stopRequested() {
    return stopRequested;
  }

  private void tell(Runnable call) {
    try {
      call.run();
    } catch (Throwable failure) {
      thrown = failure;
      throw failure;
    }
  }

  @Override
  public void started(int firstStep, int steps) {
    tell(() -> listener.started(firstStep, steps));
  }

  @Override
  public void step(StepRecord step) {
    tell(() -> listener.step(step.step(), step.loss().total()));
  }

  @Override
  public void notice(String message) {
    tell(() -> listener.notice(Mirror4jException.withMethods(message)));
  }

  @Override
  public void warning(String message) {
    tell(() -> listener.warning(Mirror4jException.withMethods(message)));
  }
}
