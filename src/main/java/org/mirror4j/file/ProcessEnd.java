package org.mirror4j.file;

import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * What is done when the process is ended from outside (SIGINT, SIGTERM, SIGHUP, {@code
 * System.exit}): first work that can stop is asked to, and waited for; then what is temporary is
 * removed, the newest first. Work that ended by itself has cancelled its registrations by then.
 * Nothing is done at SIGKILL.
 */
public final class ProcessEnd {
  /** Something to be done at the end of the process, until it is closed. */
  public interface Registration extends AutoCloseable {
    @Override
    void close();
  }

  private static final Deque<Runnable> STOPS = new ConcurrentLinkedDeque<>();
  private static final Deque<Runnable> REMOVALS = new ConcurrentLinkedDeque<>();
  private static volatile boolean begun;
  private static volatile boolean removing;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(ProcessEnd::end, "end of the process"));
  }

  private ProcessEnd() {}

  /**
   * Has work stopped before anything temporary is removed.
   *
   * @param stop asks the work to stop and returns when it has
   */
  public static Registration stopping(Runnable stop) {
    STOPS.push(stop);
    return () -> STOPS.remove(stop);
  }

  /**
   * Has something temporary removed.
   *
   * @throws IllegalStateException if the process is removing already: nothing new is to be made
   */
  static Registration removing(Runnable remove) {
    REMOVALS.push(remove);
    if (removing) {
      REMOVALS.remove(remove);
      throw new IllegalStateException("the process is ending");
    }
    return () -> REMOVALS.remove(remove);
  }

  /** Whether the process is ending: what fails from now on may fail for that. */
  public static boolean begun() {
    return begun;
  }

  private static void end() {
    begun = true;
    run(STOPS);
    removing = true;
    run(REMOVALS);
  }

  private static void run(Deque<Runnable> actions) {
    for (Runnable action = actions.poll(); action != null; action = actions.poll()) {
      try {
        action.run();
      } catch (RuntimeException e) {
        // One that fails must not keep the others from being done.
        System.err.println("mirror4j: at the end: " + e.getMessage());
      }
    }
  }
}
