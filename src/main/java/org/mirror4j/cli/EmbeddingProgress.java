package org.mirror4j.cli;

import java.util.function.LongConsumer;
import org.mirror4j.file.JsonFiles;

/** Tells now and then how many texts have their vectors, and how fast that goes. */
public final class EmbeddingProgress implements LongConsumer {
  private static final double SECONDS_BETWEEN = 5;

  private final Console console;
  private final String what;
  private final long start = System.nanoTime();
  private long told = start;
  private long before;

  /**
   * Begins now.
   *
   * @param what has a text, in the plural
   */
  public EmbeddingProgress(Console console, String what) {
    this.console = console;
    this.what = what;
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
      console.event("progress", JsonFiles.object().put(what, done).put("seconds", seconds()));
    } else {
      console.notice("%,d %s, %,.0f a second".formatted(done, what, done / seconds()));
    }
  }
}
