package org.mirror4j.encode;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.mirror4j.bert.TextEncoder;

/**
 * Threads with an engine each, which take calls in the order in which they come. A caller, of
 * whatever thread, hands texts over and waits for the vectors; it never touches an engine. The
 * threads are daemons: they keep no program alive.
 */
public final class EnginePool implements AutoCloseable {
  /** What a thread of the pool computes with; used by the thread that has opened it alone. */
  public interface Engine extends AutoCloseable {
    /** One vector a text, in order. */
    TextEncoder.Encoded encode(List<String> texts);

    @Override
    void close();
  }

  /** Texts that were handed over. */
  public static final class Call {
    private final List<String> texts;
    private final CompletableFuture<TextEncoder.Encoded> encoded = new CompletableFuture<>();

    private Call(List<String> texts) {
      this.texts = texts;
    }

    /** The texts. */
    public List<String> texts() {
      return texts;
    }

    /**
     * Waits for the vectors.
     *
     * @throws InterruptedException if the calling thread is interrupted when it comes, be the
     *     vectors there or not, or before they are there
     * @throws ExecutionException if the engine failed; the cause says how
     * @throws IllegalStateException if the pool was closed before an engine took the call
     */
    public TextEncoder.Encoded await() throws InterruptedException, ExecutionException {
      requireUninterrupted();
      try {
        return encoded.get();
      } catch (CancellationException e) {
        throw new IllegalStateException("the encoder was closed before the texts were computed", e);
      }
    }

    private void run(Engine engine) {
      try {
        encoded.complete(engine.encode(texts));
      } catch (Throwable failure) {
        encoded.completeExceptionally(failure);
      }
    }
  }

  private final List<Thread> threads = new ArrayList<>();

  /** Guards itself and {@link #closed}. */
  private final Queue<Call> waiting = new ArrayDeque<>();

  private boolean closed;

  /**
   * Adds a thread and waits until its engine is open. The first engine is closed last, when all
   * that were opened after it are gone.
   *
   * @param opener called by the new thread
   * @throws InterruptedException if the calling thread is interrupted when it comes, and then no
   *     thread is added, or before the engine is open; the pool is to be ended then
   * @throws ExecutionException if the engine does not open; the cause says why
   */
  public <E extends Engine> E add(Supplier<E> opener)
      throws InterruptedException, ExecutionException {
    requireUninterrupted();
    CompletableFuture<E> opened = new CompletableFuture<>();
    int index = threads.size();
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .inheritInheritableThreadLocals(false)
            .name("mirror4j-engine-" + (index + 1))
            .unstarted(() -> serve(index, opener, opened));
    threads.add(thread);
    thread.start();
    return opened.get();
  }

  /** {@link CompletableFuture#get} looks for an interrupt only where it has to wait. */
  private static void requireUninterrupted() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  private <E extends Engine> void serve(
      int index, Supplier<E> opener, CompletableFuture<E> opened) {
    E engine;
    try {
      engine = opener.get();
    } catch (Throwable failure) {
      opened.completeExceptionally(failure);
      return;
    }
    opened.complete(engine);
    try (engine) {
      for (Call call = next(); call != null; call = next()) {
        call.run(engine);
      }
      for (Thread later : threads.subList(index + 1, threads.size())) {
        joinThroughInterrupts(later);
      }
    }
  }

  /** The call that waits longest; null when the pool is closed. */
  private Call next() {
    synchronized (waiting) {
      while (waiting.isEmpty()) {
        if (closed) {
          return null;
        }
        try {
          waiting.wait();
        } catch (InterruptedException e) {
          // Of a thread that nobody outside knows; it has no work to leave.
        }
      }
      return waiting.remove();
    }
  }

  /** The later engines read what the first one frees, so there is no way round waiting. */
  private static void joinThroughInterrupts(Thread thread) {
    while (true) {
      try {
        thread.join();
        return;
      } catch (InterruptedException e) {
        // As in next.
      }
    }
  }

  /**
   * Hands texts over.
   *
   * @param texts not changed until the call is done
   * @throws IllegalStateException if the pool is closed
   */
  public Call submit(List<String> texts) {
    Call call = new Call(texts);
    synchronized (waiting) {
      requireOpen();
      waiting.add(call);
      waiting.notify();
    }
    return call;
  }

  /** Takes a call back that no engine has taken; another one goes on for nothing. */
  public void withdraw(Call call) {
    synchronized (waiting) {
      waiting.remove(call);
    }
  }

  /**
   * Requires that calls are taken.
   *
   * @throws IllegalStateException if the pool is closed
   */
  public void requireOpen() {
    synchronized (waiting) {
      if (closed) {
        throw new IllegalStateException("the encoder is closed");
      }
    }
  }

  /**
   * Takes no further calls: those that wait end in an {@link IllegalStateException}, those that an
   * engine has taken go on. Does not wait for them.
   */
  public void end() {
    synchronized (waiting) {
      closed = true;
      waiting.forEach(call -> call.encoded.cancel(false));
      waiting.clear();
      waiting.notifyAll();
    }
  }

  /**
   * Ends and waits until all engines are closed. An interrupted caller does not wait and stays
   * interrupted; the engines then close by themselves. The second time changes nothing.
   */
  @Override
  public void close() {
    end();
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
