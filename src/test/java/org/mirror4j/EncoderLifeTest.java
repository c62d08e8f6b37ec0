package org.mirror4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.encode.EnginePool;
import org.mirror4j.encode.ModelEngine;

/** Interruptions, failures and ends of an encoder, with engines that do as they are told. */
@Timeout(60)
class EncoderLifeTest {
  private static final String FAIL = "fail";
  private static final String WAIT = "wait";

  private final CountDownLatch waiting = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private final List<String> computed = new ArrayList<>();
  private final List<String> closed = new ArrayList<>();
  private EnginePool pool;

  /** The vector of a text is its length; one text fails, another one waits until it is released. */
  private final class ToldEngine implements EnginePool.Engine {
    private final Thread thread = Thread.currentThread();

    @Override
    public TextEncoder.Encoded encode(List<String> texts) {
      assertThat(Thread.currentThread()).isSameAs(thread);
      if (texts.contains(FAIL)) {
        throw new IllegalStateException("a piece of an operation failed");
      }
      if (texts.contains(WAIT)) {
        waiting.countDown();
        awaitThroughInterrupts(released);
      }
      synchronized (computed) {
        computed.addAll(texts);
      }
      return new TextEncoder.Encoded(
          texts.stream().map(text -> new float[] {text.length()}).toArray(float[][]::new),
          new int[texts.size()],
          new boolean[texts.size()]);
    }

    @Override
    public void close() {
      synchronized (closed) {
        closed.add(thread.getName());
      }
    }
  }

  private static void awaitThroughInterrupts(CountDownLatch latch) {
    while (true) {
      try {
        latch.await();
        return;
      } catch (InterruptedException e) {
        // of the engine's thread, which a test interrupts
      }
    }
  }

  private Encoder encoder(int engines, int chunkTexts) {
    pool = new EnginePool();
    try {
      for (int i = 0; i < engines; i++) {
        pool.add(ToldEngine::new);
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
    return new Encoder(
        pool, engines, chunkTexts, new ModelEngine.Facts("none", 1, 10, false, false, List.of()));
  }

  @AfterEach
  void closePool() {
    released.countDown();
    pool.close();
  }

  /** A call in a thread of its own, and what it ends in. */
  private static final class Caller {
    private final CompletableFuture<float[]> result = new CompletableFuture<>();
    private final CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    private final Thread thread;

    Caller(Encoder encoder, String text) {
      thread =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      result.complete(encoder.embed(text));
                    } catch (Throwable failure) {
                      result.completeExceptionally(failure);
                    }
                    interrupted.complete(Thread.currentThread().isInterrupted());
                  });
    }

    /** Waits until the caller waits for its vector. */
    Caller waits() throws InterruptedException {
      while (thread.getState() != Thread.State.WAITING) {
        Thread.sleep(1);
      }
      return this;
    }

    Throwable failure() throws Exception {
      try {
        throw new AssertionError("a vector: " + result.get(30, TimeUnit.SECONDS)[0]);
      } catch (ExecutionException e) {
        return e.getCause();
      }
    }
  }

  @Test
  void aFailureReachesItsCallerAndNoOther() {
    try (Encoder encoder = encoder(1, 2)) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> encoder.embed(List.of("a", "bb", FAIL, "cc", "d")))
            .isInstanceOf(Mirror4jException.class)
            .hasMessage("a piece of an operation failed")
            .hasCauseInstanceOf(IllegalStateException.class);
        assertThat(encoder.embed(List.of("a", "bb", "ccc")))
            .isDeepEqualTo(new float[][] {{1}, {2}, {3}});
      }
    }
  }

  @Test
  void anInterruptedCallerLeavesAndTheEngineGoesOn() throws Exception {
    try (Encoder encoder = encoder(1, 8)) {
      Caller computing = new Caller(encoder, WAIT);
      waiting.await();
      Caller queued = new Caller(encoder, "queued").waits();
      for (Caller caller : List.of(computing.waits(), queued)) {
        caller.thread.interrupt();
        assertThat(caller.failure())
            .isInstanceOf(Mirror4jException.class)
            .hasMessage("interrupted while waiting for vectors")
            .hasCauseInstanceOf(InterruptedException.class);
        assertThat(caller.interrupted.get()).isTrue();
      }
      released.countDown();
      assertThat(encoder.embed("after")).containsExactly(5);
      assertThat(computed).containsExactly(WAIT, "after");
    }
  }

  @Test
  void anInterruptedEngineGoesOn() throws Exception {
    try (Encoder encoder = encoder(1, 8)) {
      Thread.getAllStackTraces().keySet().stream()
          .filter(thread -> thread.getName().equals("mirror4j-engine-1"))
          .forEach(Thread::interrupt);
      assertThat(encoder.embed("after")).containsExactly(5);
    }
  }

  @Test
  void closeWaitsForWhatRunsAndRefusesTheRest() throws Exception {
    Encoder encoder = encoder(1, 8);
    Caller running = new Caller(encoder, WAIT);
    waiting.await();
    Caller queued = new Caller(encoder, "queued").waits();
    Thread closer = Thread.ofPlatform().start(encoder::close);
    assertThat(queued.failure())
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage("the encoder was closed before the texts were computed");
    assertThatThrownBy(() -> encoder.embed("late"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the encoder is closed");
    assertThat(closer.isAlive()).isTrue();
    assertThat(closed).isEmpty();
    released.countDown();
    assertThat(running.result.get(30, TimeUnit.SECONDS)).containsExactly(4);
    closer.join();
    assertThat(closed).containsExactly("mirror4j-engine-1");
  }

  @Test
  void anInterruptedCloseDoesNotWait() throws Exception {
    Encoder encoder = encoder(2, 8);
    new Caller(encoder, WAIT);
    waiting.await();
    Thread.currentThread().interrupt();
    encoder.close();
    assertThat(Thread.interrupted()).isTrue();
    released.countDown();
    encoder.close();
    assertThat(closed).hasSize(2);
  }

  /** It holds what the others read. */
  @Test
  void theFirstEngineIsClosedLast() throws Exception {
    Encoder encoder = encoder(3, 1);
    Caller running = new Caller(encoder, WAIT);
    waiting.await();
    Thread closer = Thread.ofPlatform().start(encoder::close);
    released.countDown();
    closer.join();
    assertThat(running.result.get()).containsExactly(4);
    assertThat(closed).hasSize(3).endsWith("mirror4j-engine-2", "mirror4j-engine-1");
  }

  /** An engine takes a chunk, and one more waits for the consumer to come back. */
  @Test
  void textsOfAStreamAreTakenAsTheyAreNeeded() {
    try (Encoder encoder = encoder(2, 10)) {
      AtomicInteger taken = new AtomicInteger();
      AtomicInteger given = new AtomicInteger();
      Iterator<String> texts =
          IntStream.range(0, 10_000)
              .mapToObj(i -> "x".repeat(taken.incrementAndGet() % 7))
              .iterator();
      encoder.embed(
          texts,
          encoded -> {
            assertThat(encoded.vector()).containsExactly(encoded.text().length());
            assertThat(taken.get() - given.getAndIncrement()).isLessThanOrEqualTo(30);
          });
      assertThat(given).hasValue(10_000);
    }
  }

  @Test
  void aConsumerMayCloseOrFail() {
    Encoder encoder = encoder(1, 1);
    assertThatThrownBy(
            () ->
                encoder.embed(
                    List.of("a", "b").iterator(),
                    encoded -> {
                      throw new ArithmeticException(encoded.text());
                    }))
        .isInstanceOf(ArithmeticException.class);
    assertThat(encoder.embed("after")).containsExactly(5);
    assertThatThrownBy(
            () ->
                encoder.embed(
                    IntStream.range(0, 100).mapToObj(Integer::toString).iterator(),
                    encoded -> encoder.close()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void anEngineThatDoesNotOpenSaysWhy() {
    pool = new EnginePool();
    assertThatThrownBy(
            () ->
                pool.add(
                    () -> {
                      throw new IllegalArgumentException("no such device");
                    }))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(IllegalArgumentException.class);
  }
}
