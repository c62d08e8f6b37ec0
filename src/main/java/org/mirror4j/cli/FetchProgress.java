package org.mirror4j.cli;

import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.mirror4j.fetch.FetchListener;

/** Shows how far a download is: a bar on a terminal, else a line or an object now and then. */
final class FetchProgress implements FetchListener, AutoCloseable {
  private static final int UPDATE_MILLIS = 250;
  private static final long NANOS_BETWEEN = 5_000_000_000L;
  private static final double MEBI = 0x1p20;

  private final Console console;
  private final boolean terminal;
  private ProgressBar bar;
  private String what;
  private long bytes;
  private long first;
  private long start;
  private long told;

  private FetchProgress(Console console, boolean terminal) {
    this.console = console;
    this.terminal = terminal;
  }

  /** The kind that fits. */
  static FetchProgress of(Console console) {
    // Set by the launcher: Java cannot tell for standard error.
    return new FetchProgress(console, !console.json() && Boolean.getBoolean("mirror4j.terminal"));
  }

  @Override
  public void notice(String message) {
    if (bar != null) {
      bar.pause();
      console.err().println();
    }
    console.notice(message);
    if (bar != null) {
      bar.resume();
    }
  }

  @Override
  public void begins(String name, long there, long size) {
    what = name;
    bytes = size;
    first = there;
    start = System.nanoTime();
    told = start;
    if (terminal) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(name)
              .setInitialMax(size)
              .setStyle(ProgressBarStyle.ASCII)
              .setUnit("MiB", (long) MEBI)
              .setUpdateIntervalMillis(UPDATE_MILLIS)
              .hideEta()
              .build();
      bar.stepTo(there);
    } else if (console.json()) {
      event(there);
    } else if (size >= MEBI) {
      console.notice("%s: %s".formatted(name, there > 0 ? progress(there) : Units.bytes(size)));
    }
  }

  @Override
  public void at(long there) {
    if (there < first) {
      // From the beginning again.
      first = there;
      start = System.nanoTime();
    }
    if (bar != null) {
      bar.setExtraMessage(" " + pace(there));
      bar.stepTo(there);
    } else if (System.nanoTime() - told > NANOS_BETWEEN) {
      told = System.nanoTime();
      if (console.json()) {
        event(there);
      } else {
        console.notice("%s: %s, %s".formatted(what, progress(there), pace(there)));
      }
    }
  }

  private void event(long there) {
    console.event(
        "progress", Console.object().put("file", what).put("bytes", there).put("of", bytes));
  }

  private String progress(long there) {
    return "%s of %s".formatted(Units.bytes(there), Units.bytes(bytes));
  }

  /** Rate of this transfer, and what is left at it. */
  private String pace(long there) {
    double rate = (there - first) / Math.max(1e-9, (System.nanoTime() - start) * 1e-9);
    String text = String.format(Locale.ROOT, "%.1f MiB/s", rate / MEBI);
    return rate > 0 && there < bytes
        ? "%s, %s left".formatted(text, Units.seconds((bytes - there) / rate))
        : text;
  }

  @Override
  public void ends() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }

  @Override
  public void close() {
    ends();
  }
}
