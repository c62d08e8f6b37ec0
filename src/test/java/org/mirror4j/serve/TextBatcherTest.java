package org.mirror4j.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mirror4j.EncodedText;
import org.mirror4j.serve.TextBatcher.PendingTexts;

/** Batches without HTTP: an engine that waits to be let decides what comes when. */
class TextBatcherTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private final GatedEngine engine = new GatedEngine(false);
  private final TextBatcher batcher = new TextBatcher(engine, 100, 8, 20, new Metrics());

  @AfterEach
  void close() {
    engine.let(1000);
    batcher.close();
  }

  private static List<String> texts(String name, int count) {
    return IntStream.range(0, count).mapToObj(i -> name + i).toList();
  }

  private static void requireVectors(PendingTexts pending, List<String> texts) throws Exception {
    List<EncodedText> encoded = pending.await(LONG);
    assertThat(encoded).extracting(EncodedText::text).isEqualTo(texts);
    assertThat(encoded)
        .allSatisfy(text -> assertThat(text.vector()).isEqualTo(GatedEngine.vector(text.text())));
  }

  @Test
  void oneRequestAloneIsComputedAtOnce() throws Exception {
    PendingTexts pending = batcher.submit(List.of("a"));
    assertThat(engine.begun()).containsExactly("a");
    assertThatThrownBy(() -> pending.await(Duration.ofMillis(1)))
        .isInstanceOf(TimeoutException.class);
    engine.let(1);
    requireVectors(pending, List.of("a"));
  }

  @Test
  void whatWaitsIsPutTogetherInItsOrder() throws Exception {
    PendingTexts first = batcher.submit(List.of("first"));
    assertThat(engine.begun()).containsExactly("first");
    List<PendingTexts> waiting =
        List.of(
            batcher.submit(texts("a", 2)),
            batcher.submit(texts("b", 3)),
            batcher.submit(texts("c", 5)));
    assertThat(batcher.waitingTexts()).isEqualTo(10);
    engine.let(1);
    // Eight at most: the third request is computed in two parts.
    assertThat(engine.begun()).containsExactly("a0", "a1", "b0", "b1", "b2", "c0", "c1", "c2");
    assertThat(batcher.waitingTexts()).isEqualTo(2);
    engine.let(1);
    assertThat(engine.begun()).containsExactly("c3", "c4");
    engine.let(1);
    requireVectors(first, List.of("first"));
    requireVectors(waiting.get(0), texts("a", 2));
    requireVectors(waiting.get(1), texts("b", 3));
    requireVectors(waiting.get(2), texts("c", 5));
  }

  /** A hundred tokens each, as more characters make no more: forty texts are 4,000 tokens. */
  @Test
  void aBatchHoldsSoManyTokens() throws Exception {
    try (TextBatcher wide = new TextBatcher(engine, 100, 1000, 1000, new Metrics())) {
      wide.submit(List.of("first"));
      engine.begun();
      wide.submit(Collections.nCopies(100, "x".repeat(1000)));
      engine.let(1);
      assertThat(engine.begun()).hasSize(40);
      engine.let(1000);
    }
    try (TextBatcher narrow = new TextBatcher(engine, 10_000, 1000, 1000, new Metrics())) {
      PendingTexts one = narrow.submit(List.of("x".repeat(1_000_000)));
      requireVectors(one, List.of("x".repeat(1_000_000)));
    }
  }

  @Test
  void moreThanMayWaitIsRefused() throws Exception {
    batcher.submit(List.of("first"));
    engine.begun();
    batcher.submit(texts("a", 18));
    assertThatThrownBy(() -> batcher.submit(texts("b", 3)))
        .isInstanceOfSatisfying(
            Refusal.class, e -> assertThat(e.kind()).isEqualTo(Refusal.Kind.OVERLOADED));
    batcher.submit(texts("b", 2));
    engine.let(1);
    engine.begun();
    // Eight are gone from the queue.
    batcher.submit(texts("c", 8));
    assertThatThrownBy(() -> batcher.submit(texts("d", 1))).isInstanceOf(Refusal.class);
  }

  @Test
  void whatIsTakenBackIsNotComputed() throws Exception {
    batcher.submit(List.of("first"));
    engine.begun();
    PendingTexts gone = batcher.submit(texts("gone", 12));
    PendingTexts stays = batcher.submit(List.of("stays"));
    batcher.withdraw(gone);
    assertThat(batcher.waitingTexts()).isEqualTo(1);
    engine.let(1);
    assertThat(engine.begun()).containsExactly("stays");
    engine.let(1);
    requireVectors(stays, List.of("stays"));
    assertThat(engine.hasBegun()).isFalse();
    // In the middle: what no batch has taken.
    PendingTexts half = batcher.submit(texts("half", 12));
    assertThat(engine.begun()).hasSize(8);
    batcher.withdraw(half);
    batcher.withdraw(half);
    assertThat(batcher.waitingTexts()).isZero();
  }

  @Test
  void oneThatFailsFailsAlone() throws Exception {
    PendingTexts first = batcher.submit(List.of("first"));
    engine.begun();
    PendingTexts good = batcher.submit(List.of("good"));
    PendingTexts bad = batcher.submit(List.of("fine", "fail"));
    PendingTexts nan = batcher.submit(List.of("nan"));
    PendingTexts last = batcher.submit(List.of("last"));
    engine.let(1000);
    requireVectors(first, List.of("first"));
    requireVectors(good, List.of("good"));
    requireVectors(last, List.of("last"));
    assertThatThrownBy(() -> bad.await(LONG))
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("the text fail cannot be computed");
    assertThatThrownBy(() -> nan.await(LONG))
        .hasRootCauseMessage("the vector of text 0 is not finite, counted from 0");
  }

  /** What follows a part that failed is taken back. */
  @Test
  void theRestOfWhatFailsIsNotComputed() throws Exception {
    PendingTexts bad =
        batcher.submit(IntStream.range(0, 20).mapToObj(i -> i == 3 ? "fail" : "rest" + i).toList());
    assertThat(engine.begun()).hasSize(8);
    engine.let(1000);
    assertThatThrownBy(() -> bad.await(LONG)).isInstanceOf(ExecutionException.class);
    requireVectors(batcher.submit(List.of("after")), List.of("after"));
    assertThat(engine.begun()).containsExactly("after");
  }

  @Test
  void closingRefusesWhatWaits() throws Exception {
    PendingTexts begun = batcher.submit(List.of("begun"));
    engine.begun();
    PendingTexts waits = batcher.submit(List.of("waits"));
    Thread closing = Thread.ofVirtual().start(batcher::close);
    assertThatThrownBy(() -> waits.await(LONG))
        .cause()
        .isInstanceOfSatisfying(
            Refusal.class, e -> assertThat(e.kind()).isEqualTo(Refusal.Kind.STOPPING));
    assertThatThrownBy(() -> batcher.submit(List.of("late"))).isInstanceOf(Refusal.class);
    engine.let(1);
    requireVectors(begun, List.of("begun"));
    closing.join();
  }
}
