package org.mirror4j.device.ptx.count;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.mirror4j.device.ptx.ExecutionListener;

/**
 * Counts one launch, however many threads execute it: pass it as the launch's listener, and ask for
 * the counts when the launch is over.
 */
public final class LaunchCounter implements Supplier<ExecutionListener> {
  private final List<CountingListener> listeners = new ArrayList<>();

  /** A listener for one more thread. */
  @Override
  public synchronized ExecutionListener get() {
    CountingListener listener = new CountingListener();
    listeners.add(listener);
    return listener;
  }

  /** What was counted since this counter was made. */
  public synchronized LaunchCounts counts() {
    LaunchTotals totals = new LaunchTotals();
    listeners.forEach(listener -> listener.addTo(totals));
    return totals.counts();
  }
}
