package org.mirror4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mirror4j.text.TextException;

@Timeout(60)
class BatchesAheadTest {
  private static final int STEPS = 5;

  /** Batches that know their step; what is asked for is kept. */
  private static class Numbered implements TrainingTask {
    final List<Integer> asked = Collections.synchronizedList(new ArrayList<>());
    final Set<Thread> threads = Collections.synchronizedSet(new HashSet<>());

    @Override
    public int steps() {
      return STEPS;
    }

    @Override
    public Batch batch(int step) {
      asked.add(step);
      threads.add(Thread.currentThread());
      return new Batch() {
        @Override
        public int epoch() {
          return 1;
        }

        @Override
        public int size() {
          return step;
        }

        @Override
        public void upload() {}

        @Override
        public Loss lossAndGradient(float lossScale) {
          return Loss.of(0);
        }
      };
    }
  }

  @Test
  void givesAllBatchesInOrder() throws InterruptedException {
    Numbered task = new Numbered();
    List<Integer> got = new ArrayList<>();
    try (BatchesAhead batches = new BatchesAhead(task, 2)) {
      for (int step = 2; step <= STEPS; step++) {
        got.add(batches.next().size());
      }
    }
    assertThat(got).containsExactly(2, 3, 4, 5);
    assertThat(task.asked).containsExactly(2, 3, 4, 5);
    assertThat(task.threads).hasSize(1).doesNotContain(Thread.currentThread());
    assertEnded(task);
  }

  /** The next batch may be seen once it is prepared, and is given all the same. */
  @Test
  void theNextBatchIsReadyBeforeItIsAskedFor() throws InterruptedException {
    try (BatchesAhead batches = new BatchesAhead(new Numbered(), STEPS)) {
      while (batches.ready().isEmpty()) {
        Thread.sleep(1);
      }
      TrainingTask.Batch ready = batches.ready().orElseThrow();
      assertThat(batches.next()).isSameAs(ready);
      assertThat(batches.ready()).isEmpty();
    }
  }

  /** The next batch is prepared before it is asked for, and no further one. */
  @Test
  void preparesOneBatchAhead() throws InterruptedException {
    CountDownLatch second = new CountDownLatch(1);
    Numbered task =
        new Numbered() {
          @Override
          public Batch batch(int step) {
            Batch batch = super.batch(step);
            if (step == 2) {
              second.countDown();
            }
            return batch;
          }
        };
    try (BatchesAhead batches = new BatchesAhead(task, 1)) {
      batches.next();
      assertThat(second.await(30, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(task.asked).containsExactly(1, 2);
  }

  /** What is wrong with a batch comes out at its step, as it was thrown. */
  @Test
  void errorsComeOutAtTheirStep() throws InterruptedException {
    TextException problem = new TextException("line 7: is bad");
    Numbered task =
        new Numbered() {
          @Override
          public Batch batch(int step) {
            if (step == 3) {
              throw problem;
            }
            return super.batch(step);
          }
        };
    try (BatchesAhead batches = new BatchesAhead(task, 1)) {
      batches.next();
      batches.next();
      assertThatThrownBy(batches::next).isSameAs(problem);
    }
    assertEnded(task);
  }

  @Test
  void nothingIsPreparedForARunThatIsDone() {
    Numbered task = new Numbered();
    new BatchesAhead(task, STEPS + 1).close();
    assertThat(task.asked).isEmpty();
  }

  /** An interrupted wait ends, and so does the thread, which sees the interrupt too. */
  @Test
  void interruption() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    Set<Thread> interrupted = Collections.synchronizedSet(new HashSet<>());
    Numbered task =
        new Numbered() {
          @Override
          public Batch batch(int step) {
            Batch batch = super.batch(step);
            begun.countDown();
            try {
              never.await();
            } catch (InterruptedException e) {
              interrupted.add(Thread.currentThread());
            }
            return batch;
          }
        };
    try (BatchesAhead batches = new BatchesAhead(task, 1)) {
      assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
      Thread.currentThread().interrupt();
      assertThatThrownBy(batches::next)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("step 1: interrupted before it began");
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(interrupted).isEqualTo(task.threads).hasSize(1);
    assertEnded(task);
  }

  private static void assertEnded(Numbered task) throws InterruptedException {
    for (Thread thread : task.threads) {
      assertThat(thread.join(Duration.ofSeconds(30))).as("%s has ended", thread).isTrue();
    }
  }
}
