package org.mirror4j.fuzz;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Reads inputs on a thread of this process. One that does not come back is left alone on its
 * thread, which cannot be stopped, and the next is read on another.
 */
final class InProcessRunner implements FuzzRunner {
  private static final int MOST_ENDLESS = 5;

  private final FuzzTarget target;
  private final long patienceNanos;

  InProcessRunner(FuzzTarget target) {
    this(target, PATIENCE_NANOS);
  }

  InProcessRunner(FuzzTarget target, long patienceNanos) {
    this.target = target;
    this.patienceNanos = patienceNanos;
  }

  @Override
  public void run(long from, long to, Consumer<Ending> endings) {
    long next = from;
    for (int endless = 0; next < to && endless < MOST_ENDLESS; endless++) {
      Range range = new Range(next, to);
      Thread thread = Thread.ofPlatform().daemon().name("fuzz " + target.name()).start(range);
      next = collect(range, thread, endings);
    }
  }

  /** Takes what a thread has read until all is read or one does not end; the next number. */
  private long collect(Range range, Thread thread, Consumer<Ending> endings) {
    long next = range.from;
    while (next < range.to) {
      Ending ending = poll(range);
      if (ending == null) {
        range.abandoned = true;
        StringBuilder stack = new StringBuilder("no end");
        for (StackTraceElement frame : thread.getStackTrace()) {
          stack.append(" | ").append(frame);
        }
        String what = stack.substring(0, Math.min(stack.length(), 800));
        endings.accept(Ending.bad(next, what, patienceNanos));
        return next + 1;
      }
      endings.accept(ending);
      next = ending.number() + 1;
    }
    return next;
  }

  private Ending poll(Range range) {
    try {
      return range.ended.poll(patienceNanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    // A thread ends with its range, or with the process.
  }

  private final class Range implements Runnable {
    private final long from;
    private final long to;
    private final BlockingQueue<Ending> ended = new ArrayBlockingQueue<>(1024);
    private volatile boolean abandoned;

    Range(long from, long to) {
      this.from = from;
      this.to = to;
    }

    @Override
    public void run() {
      try (FuzzCase one = new FuzzCase(target)) {
        for (long number = from; number < to && !abandoned; number++) {
          Ending ending;
          try {
            ending = one.end(number);
          } catch (RuntimeException | Error e) {
            ending = Ending.bad(number, "around the reader: " + FuzzCase.stack(e), 0);
          }
          ended.put(ending);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
