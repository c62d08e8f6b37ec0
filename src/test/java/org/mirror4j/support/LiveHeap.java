package org.mirror4j.support;

/** What is held in the heap, for processes that do nothing else meanwhile. */
public final class LiveHeap {
  /** The first may leave what a reference of another kind held. */
  private static final int COLLECTIONS = 3;

  private LiveHeap() {}

  /** Bytes of all that can be reached. */
  public static long bytes() {
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
