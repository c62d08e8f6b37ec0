package org.mirror4j.cli;

import java.util.function.LongConsumer;
import org.mirror4j.file.JsonFiles;

/** Tells now and then how many texts have their vectors, and how fast that goes. */
final class EmbeddingProgress implements LongConsumer {
  private static final double SECONDS_BETWEEN = 5;

  private final Console console;
  private final long start = System.nanoTime();
  private long told = start;
  private long before;

  EmbeddingProgress(Console console) {
    this.console = console;
  }

  /** Seconds since the start. */
  double seconds() {
    return (System.nanoTime() - start) * 1e-9;
  }

  /** What comes is counted from here. */
  void add(long texts) {
    before += texts;
  }

  @Override
  public void accept(long texts) {
    if ((System.nanoTime() - told) * 1e-9 < SECONDS_BETWEEN) {
      return;
    }
    told = System.nanoTime();
    long done = before + texts;
    if (console.json()) {
      console.event("progress", JsonFiles.object().put("texts", done).put("seconds", seconds()));
    } else {
      console.notice("%,d texts, %,.0f a second".formatted(done, done / seconds()));
    }
  }
}
