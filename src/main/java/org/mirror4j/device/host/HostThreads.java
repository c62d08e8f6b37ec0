package org.mirror4j.device.host;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed team of threads that runs numbered pieces of work without allocating. The caller is a
 * member. What a piece computes must depend on its index alone, so that results do not depend on
 * the size of the team or on who takes which piece.
 */
final class HostThreads implements AutoCloseable {
  /** Numbered pieces of work. */
  interface Task {
    /**
     * Computes one piece.
     *
     * @param index number of the piece
     * @param worker number of the member that runs it, for scratch memory
     */
    void run(int index, int worker);
  }

  /** Beyond the processors of any machine; members that wait for each other would fill it. */
  private static final int MOST = 1024;

  /** Spins before a waiting member sleeps: about the length of one operation of a step. */
  private static final int SPINS = 20_000;

  /** Spins before a waiting member offers its processor to others. */
  private static final int SPINS_BEFORE_YIELD = 2_000;

  private final Thread[] members;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger working = new AtomicInteger();
  private volatile int generation;
  private volatile boolean closed;
  private volatile Throwable failure;
  private Task task;
  private int pieces;

  /**
   * @param threads members, the caller included; 1 to 1024
   */
  HostThreads(int threads) {
    if (threads < 1 || threads > MOST) {
      throw new IllegalArgumentException("threads is " + threads + ", expected 1 to " + MOST);
    }
    members = new Thread[threads - 1];
    for (int i = 0; i < members.length; i++) {
      int worker = i + 1;
      members[i] = new Thread(() -> serve(worker), "mirror4j-" + worker);
      members[i].setDaemon(true);
      members[i].start();
    }
  }

  /** Members, the caller included. */
  int size() {
    return members.length + 1;
  }

  /**
   * Runs pieces 0 to {@code pieces - 1} and returns when all are done. A piece that fails leaves
   * the team as it was.
   *
   * @throws IllegalStateException if a piece fails, or the team has ended
   */
  void run(int pieces, Task task) {
    if (closed) {
      throw new IllegalStateException("the threads of the device have ended");
    }
    if (pieces <= 0) {
      return;
    }
    if (pieces == 1 || members.length == 0) {
      for (int i = 0; i < pieces; i++) {
        task.run(i, 0);
      }
      return;
    }
    this.task = task;
    this.pieces = pieces;
    failure = null;
    next.set(0);
    working.set(members.length);
    generation = generation + 1; // publishes the fields above; only the caller writes it
    for (Thread member : members) {
      LockSupport.unpark(member);
    }
    take(0);
    for (int spins = 0; working.get() != 0; spins++) {
      pause(spins);
    }
    this.task = null;
    Throwable thrown = failure;
    if (thrown != null) {
      throw new IllegalStateException("a piece of an operation failed: " + thrown, thrown);
    }
  }

  /** On a busy machine the member that is waited for may need this processor. */
  private static void pause(int spins) {
    if (spins < SPINS_BEFORE_YIELD) {
      Thread.onSpinWait();
    } else {
      Thread.yield();
    }
  }

  private void serve(int worker) {
    int seen = 0;
    while (true) {
      int spins = 0;
      while (generation == seen) {
        if (closed) {
          return;
        }
        if (spins++ < SPINS) {
          pause(spins);
        } else {
          LockSupport.park(this);
        }
      }
      seen++;
      take(worker);
      working.decrementAndGet();
    }
  }

  private void take(int worker) {
    try {
      Task current = task;
      int count = pieces;
      for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
        current.run(i, worker);
      }
    } catch (Throwable thrown) {
      failure = thrown;
    }
  }

  /** Ends the members; the second time does nothing. */
  @Override
  public void close() {
    closed = true;
    for (Thread member : members) {
      LockSupport.unpark(member);
    }
  }
}
