package org.mirror4j.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * What a signal does to a process that has not asked for anything else. The virtual machine takes
 * the first one to end in order, and lets all others wait for that; with this they end it at once.
 */
final class DefaultSignals {
  private static final int SIGINT = 2;
  private static final int SIGTERM = 15;

  private DefaultSignals() {}

  /** Calls {@code signal(number, SIG_DFL)} of the C library for SIGINT and SIGTERM. */
  static void restore() {
    Linker linker = Linker.nativeLinker();
    MethodHandle signal =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("signal"),
            FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
    for (int number : new int[] {SIGINT, SIGTERM}) {
      try {
        MemorySegment before = (MemorySegment) signal.invokeExact(number, MemorySegment.NULL);
        if (before.address() == -1) {
          throw new IllegalStateException("signal " + number + " cannot be restored");
        }
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException("signal " + number + " cannot be restored", e);
      }
    }
  }
}
