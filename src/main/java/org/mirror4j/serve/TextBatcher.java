package org.mirror4j.serve;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.mirror4j.EncodedText;

/**
 * Puts the texts of requests that wait together into batches. A thread takes what waits, computes
 * it, and takes what has come meanwhile: one request alone is computed at once, and under load the
 * batches grow by themselves. Texts are taken in the order in which they came, a long request in
 * parts. Nothing here knows of HTTP.
 */
final class TextBatcher implements AutoCloseable {
  /** Tokens of a batch beyond which products get no faster; the engine makes batches of so many. */
  static final int BATCH_TOKENS = 4096;

  /** Characters of a token, roughly: what a batch takes is no promise, and the engine counts. */
  private static final int TOKEN_CHARACTERS = 4;

  /** Tokens of every text, at its two ends. */
  private static final int SPECIAL_TOKENS = 2;

  /** The texts of one request on their way. */
  static final class PendingTexts {
    private final List<String> texts;
    private final EncodedText[] encoded;
    private final CompletableFuture<List<EncodedText>> result = new CompletableFuture<>();

    /** The first text that no batch has taken; guarded by the batcher's queue. */
    private int next;

    /** Texts that are computed; of the batcher's thread alone. */
    private int computed;

    private PendingTexts(List<String> texts) {
      this.texts = texts;
      encoded = new EncodedText[texts.size()];
    }

    /**
     * Waits for the vectors, one a text, in order.
     *
     * @throws TimeoutException if they are not there in time; they are still under way
     * @throws ExecutionException if they cannot be computed; the cause says why
     */
    List<EncodedText> await(Duration most)
        throws InterruptedException, TimeoutException, ExecutionException {
      return result.get(most.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void take(int from, List<EncodedText> part) {
      for (int i = 0; i < part.size(); i++) {
        requireFinite(part.get(i), from + i);
        encoded[from + i] = part.get(i);
      }
      computed += part.size();
      if (computed == encoded.length) {
        result.complete(Arrays.asList(encoded));
      }
    }

    private static void requireFinite(EncodedText text, int index) {
      for (float value : text.vector()) {
        if (!Float.isFinite(value)) {
          throw new ArithmeticException(
              "the vector of text %d is not finite, counted from 0".formatted(index));
        }
      }
    }
  }

  /** Texts of one request that are computed together. */
  private record Part(PendingTexts pending, int from, int to) {
    List<String> texts() {
      return pending.texts.subList(from, to);
    }
  }

  private final TextEngine engine;
  private final int maxLength;
  private final int batchTexts;
  private final int mostWaiting;
  private final Metrics metrics;
  private final Thread thread;

  /** Guards itself, {@link #waitingTexts}, {@link #closed} and what the pending have left. */
  private final Queue<PendingTexts> queue = new ArrayDeque<>();

  private int waitingTexts;
  private boolean closed;

  /**
   * Starts the thread.
   *
   * @param maxLength tokens of the longest text that is not cut
   * @param batchTexts the most texts of a batch
   * @param mostWaiting the most texts that wait
   */
  TextBatcher(TextEngine engine, int maxLength, int batchTexts, int mostWaiting, Metrics metrics) {
    this.engine = engine;
    this.maxLength = maxLength;
    this.batchTexts = batchTexts;
    this.mostWaiting = mostWaiting;
    this.metrics = metrics;
    thread = Thread.ofPlatform().daemon().name("mirror4j-batches").start(this::run);
  }

  /**
   * Hands texts over.
   *
   * @param texts at least one, not changed afterwards
   * @throws Refusal if so many have no room, or the server stops
   */
  PendingTexts submit(List<String> texts) {
    PendingTexts pending = new PendingTexts(texts);
    synchronized (queue) {
      if (closed) {
        throw new Refusal(Refusal.Kind.STOPPING, "the server is being stopped");
      }
      if (texts.size() > mostWaiting - waitingTexts) {
        throw new Refusal(
            Refusal.Kind.OVERLOADED,
            "%,d texts wait already, expected room for %,d more among at most %,d"
                .formatted(waitingTexts, texts.size(), mostWaiting));
      }
      queue.add(pending);
      waitingTexts += texts.size();
      queue.notify();
    }
    return pending;
  }

  /** Takes back what no batch has taken; the rest is computed for nothing. */
  void withdraw(PendingTexts pending) {
    synchronized (queue) {
      if (queue.remove(pending)) {
        waitingTexts -= pending.texts.size() - pending.next;
      }
    }
  }

  /** Texts that no batch has taken. */
  int waitingTexts() {
    synchronized (queue) {
      return waitingTexts;
    }
  }

  private void run() {
    List<Part> batch = new ArrayList<>();
    while (awaitTexts()) {
      try {
        fill(batch);
        compute(batch);
      } catch (RuntimeException | Error e) {
        // Beside the engine, as where there is no memory for a list: the next may do better.
        batch.forEach(part -> fail(part.pending(), e));
      }
      batch.clear();
    }
  }

  /** Waits for texts; there are none any more when the batcher is closed. */
  private boolean awaitTexts() {
    synchronized (queue) {
      while (queue.isEmpty() && !closed) {
        try {
          queue.wait();
        } catch (InterruptedException e) {
          // Of a thread that nobody outside knows; it has no work to leave.
        }
      }
      return !queue.isEmpty();
    }
  }

  /** Takes the texts of a batch, none where they have been withdrawn meanwhile. */
  private void fill(List<Part> batch) {
    synchronized (queue) {
      int texts = 0;
      long tokens = 0;
      boolean full = false;
      while (!queue.isEmpty() && !full) {
        PendingTexts first = queue.element();
        int to = first.next;
        while (to < first.texts.size() && !full) {
          int more = tokens(first.texts.get(to));
          full = texts == batchTexts || (texts > 0 && tokens + more > BATCH_TOKENS);
          if (!full) {
            to++;
            texts++;
            tokens += more;
          }
        }
        if (to > first.next) {
          batch.add(new Part(first, first.next, to));
          waitingTexts -= to - first.next;
          first.next = to;
        }
        if (to == first.texts.size()) {
          queue.remove();
        }
      }
    }
  }

  private int tokens(String text) {
    return Math.min(maxLength, text.length() / TOKEN_CHARACTERS + SPECIAL_TOKENS);
  }

  /** Where a batch fails, each request's part is computed alone: one must not fail the others. */
  private void compute(List<Part> batch) {
    if (batch.isEmpty()) {
      return;
    }
    List<String> texts = batch.stream().flatMap(part -> part.texts().stream()).toList();
    List<EncodedText> encoded;
    try {
      encoded = engine.embed(texts);
    } catch (RuntimeException | Error e) {
      if (batch.size() == 1) {
        fail(batch.getFirst().pending(), e);
      } else {
        batch.forEach(part -> compute(List.of(part)));
      }
      return;
    }
    metrics.batch(texts.size(), encoded.stream().mapToInt(EncodedText::tokens).sum());
    int taken = 0;
    for (Part part : batch) {
      int size = part.to() - part.from();
      try {
        part.pending().take(part.from(), encoded.subList(taken, taken + size));
      } catch (ArithmeticException e) {
        fail(part.pending(), e);
      }
      taken += size;
    }
  }

  private void fail(PendingTexts pending, Throwable failure) {
    withdraw(pending);
    pending.result.completeExceptionally(failure);
  }

  /** Refuses what waits and what comes, and waits for what is being computed. */
  @Override
  public void close() {
    synchronized (queue) {
      closed = true;
      queue.forEach(
          pending ->
              pending.result.completeExceptionally(
                  new Refusal(Refusal.Kind.STOPPING, "the server is being stopped")));
      queue.clear();
      waitingTexts = 0;
      queue.notifyAll();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
