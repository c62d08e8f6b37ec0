package org.mirror4j.device.ptx.count;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** A set of bytes of memory, by address: which ones a launch touched at all. */
final class ByteSet {
  private static final int PAGE_SHIFT = 16;
  private static final int PAGE_BYTES = 1 << PAGE_SHIFT;
  private static final int LONG_SHIFT = 6;

  /** Pages that are kept at hand, by their hash: warps go through several buffers by turns. */
  private static final int RECENT_BITS = 8;

  private static final int RECENT = 1 << RECENT_BITS;

  private final Map<Long, long[]> pages = new HashMap<>();
  private final long[] recentPages = new long[RECENT];
  private final long[][] recent = new long[RECENT][];

  ByteSet() {
    Arrays.fill(recentPages, -1);
  }

  private long[] page(long address) {
    long page = address >>> PAGE_SHIFT;
    int place = (int) (page * 0x9E3779B97F4A7C15L >>> Long.SIZE - RECENT_BITS);
    if (recentPages[place] != page) {
      recent[place] = pages.computeIfAbsent(page, p -> new long[1 << PAGE_SHIFT - LONG_SHIFT]);
      recentPages[place] = page;
    }
    return recent[place];
  }

  /** Adds bytes one after the other; none is none. */
  void add(long address, int bytes) {
    long at = address;
    int left = bytes;
    while (left > 0) {
      int inPage = (int) at & PAGE_BYTES - 1;
      int some = Math.min(left, PAGE_BYTES - inPage);
      set(page(at), inPage, inPage + some - 1);
      at += some;
      left -= some;
    }
  }

  private static void set(long[] bits, int from, int last) {
    int first = from >>> LONG_SHIFT;
    int end = last >>> LONG_SHIFT;
    // Shifts are by the lowest six bits.
    long head = -1L << from;
    long tail = -1L >>> ~last;
    if (first == end) {
      bits[first] |= head & tail;
      return;
    }
    bits[first] |= head;
    for (int i = first + 1; i < end; i++) {
      bits[i] = -1;
    }
    bits[end] |= tail;
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
