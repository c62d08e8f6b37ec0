package org.mirror4j.device.ptx.count;

import java.util.HashMap;
import java.util.Map;

/** A set of bytes of memory, by address: which ones a launch touched at all. */
final class ByteSet {
  private static final int PAGE_SHIFT = 16;
  private static final int LONG_SHIFT = 6;

  private final Map<Long, long[]> pages = new HashMap<>();
  private long lastPage = -1;
  private long[] last;

  /** Adds bytes at an address that is a multiple of their number, which is at most 16. */
  void add(long address, int bytes) {
    long page = address >>> PAGE_SHIFT;
    if (page != lastPage) {
      last = pages.computeIfAbsent(page, p -> new long[1 << PAGE_SHIFT - LONG_SHIFT]);
      lastPage = page;
    }
    int inPage = (int) address & (1 << PAGE_SHIFT) - 1;
    last[inPage >>> LONG_SHIFT] |= (1L << bytes) - 1 << inPage;
  }

  /** Adds all of another set. */
  void addAll(ByteSet other) {
    other.pages.forEach(
        (page, bits) -> {
          long[] mine = pages.computeIfAbsent(page, p -> new long[bits.length]);
          for (int i = 0; i < bits.length; i++) {
            mine[i] |= bits[i];
          }
        });
  }

  /** Number of bytes. */
  long size() {
    long size = 0;
    for (long[] bits : pages.values()) {
      for (long word : bits) {
        size += Long.bitCount(word);
      }
    }
    return size;
  }

  /** Number of aligned pieces of 32 bytes of which at least one byte is in the set. */
  long sectors() {
    long sectors = 0;
    for (long[] bits : pages.values()) {
      for (long word : bits) {
        sectors += ((int) word != 0 ? 1 : 0) + (word >>> 32 != 0 ? 1 : 0);
      }
    }
    return sectors;
  }
}
