package org.mirror4j.cli;

import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.mirror4j.fetch.FetchListener;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.ProcessEnd;

/**
 * Shows how far a download is: a bar on a terminal, else a line or an object now and then; and when
 * the process is ended from outside, what is left of it.
 */
final class FetchProgress implements FetchListener, AutoCloseable {
  private static final int UPDATE_MILLIS = 250;
  private static final long NANOS_BETWEEN = 5_000_000_000L;
  private static final double MEBI = 0x1p20;

  private final Console console;
  private final boolean terminal;
  private final String kept;
  private final ProcessEnd.Registration interruption = ProcessEnd.stopping(this::interrupted);
  private boolean interrupted;
  private ProgressBar bar;
  private String what;
  private long bytes;
  private long first;
  private long start;
  private long told;

  private FetchProgress(Console console, boolean terminal, String kept) {
    this.console = console;
    this.terminal = terminal;
    this.kept = kept;
  }

  /**
   * The kind that fits.
   *
   * @param kept what becomes of a transfer that is interrupted
   */
  static FetchProgress of(Console console, String kept) {
    // Set by the launcher: Java cannot tell for standard error.
    boolean terminal = !console.json() && Boolean.getBoolean("mirror4j.terminal");
    return new FetchProgress(console, terminal, kept);
  }

  @Override
  public synchronized void notice(String message) {
    if (interrupted) {
      return;
    }
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
  public synchronized void begins(String name, long there, long size) {
    if (interrupted) {
      return;
    }
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
  public synchronized void at(long there) {
    if (interrupted) {
      return;
    }
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
        "progress", JsonFiles.object().put("file", what).put("bytes", there).put("of", bytes));
  }

  private String progress(long there) {
    return bytes < 0
        ? Units.bytes(there)
        : "%s of %s".formatted(Units.bytes(there), Units.bytes(bytes));
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
  public synchronized void ends() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }

  /** The last that is said, though the work may go on for a moment. */
  private synchronized void interrupted() {
    ends();
    interrupted = true;
    console.err().println("mirror4j: interrupted; " + kept);
    console.err().flush();
  }

  @Override
  public void close() {
    interruption.close();
    ends();
  }
}
