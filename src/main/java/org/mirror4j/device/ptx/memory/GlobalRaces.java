package org.mirror4j.device.ptx.memory;

/**
 * Who touched each granule of global memory in this launch, as one thread's CTAs see it.
 *
 * <p>A granule has two stamps: who read it and who wrote it. CTA {@code c} stamps {@code first + 2
 * c}, plus 1 where it wrote atomically; {@code first + 2 ctas} stands for several CTAs; anything
 * smaller than {@code first} is of an earlier launch, so nothing has to be cleared between
 * launches. A stamp is set by an atomic exchange before the other one is looked at: of two CTAs
 * that meet, on whatever threads, at least one sees the other. With one thread the order is all it
 * takes. Where the stamp already stands nothing is written, which is the usual case.
 */
final class GlobalRaces {
  /** Place of the reader's stamp. */
  static final int READER = 0;

  /** Place of the writer's stamp. */
  static final int WRITER = 4;

  private final int first;
  private final int several;
  private final int shift;
  private final boolean concurrent;

  private int mine;

  GlobalRaces(int firstStamp, int ctas, int shift, boolean concurrent) {
    this.first = firstStamp;
    this.several = firstStamp + 2 * ctas;
    this.shift = shift;
    this.concurrent = concurrent;
    this.mine = firstStamp;
  }

  /** What follows is done by another CTA. */
  void beginCta(int linear) {
    mine = first + 2 * linear;
  }

  /** Who a stamp stands for, in a report. */
  String who(int stamp) {
    return stamp >= several ? "several other CTAs" : "cta " + (stamp - first) / 2;
  }

  /**
   * A read.
   *
   * @param stamps address of the stamps of the first granule
   * @return the stamp of a CTA it conflicts with, or 0
   */
  int read(long stamps, int bytes) {
    int conflict = 0;
    long end = stamps + granules(bytes) * Long.BYTES;
    for (long at = stamps; at < end; at += Long.BYTES) {
      long both = NativeMemory.getDoubleWord(at);
      int reader = (int) both;
      int writer = (int) (both >>> 32);
      if ((reader == mine || reader == several) && (writer < first || (writer & ~1) == mine)) {
        continue;
      }
      while (reader != mine && reader != several) {
        int next = reader < first ? mine : several;
        int found = exchange(at + READER, reader, next);
        if (found == reader) {
          break;
        }
        reader = found;
      }
      writer = NativeMemory.getWordVolatile(at + WRITER);
      if (writer >= first && (writer & ~1) != mine) {
        conflict = writer;
      }
    }
    return conflict;
  }

  /** A plain write; otherwise as {@link #read}. */
  int write(long stamps, int bytes) {
    int conflict = 0;
    long end = stamps + granules(bytes) * Long.BYTES;
    for (long at = stamps; at < end; at += Long.BYTES) {
      long both = NativeMemory.getDoubleWord(at);
      int reader = (int) both;
      int writer = (int) (both >>> 32);
      if (writer != mine) {
        writer = set(at + WRITER, mine);
        reader = NativeMemory.getWordVolatile(at + READER);
        if (writer >= first && (writer & ~1) != mine) {
          conflict = writer;
        }
      }
      if (reader >= first && reader != mine) {
        conflict = reader;
      }
    }
    return conflict;
  }

  /**
   * A read of many granules that no other CTA has written, as far as this thread alone can say.
   *
   * @return false where {@link #read} has to find out; what was stamped until then it would stamp
   */
  boolean readsAll(long stamps, int bytes) {
    if (concurrent) {
      return false;
    }
    long end = stamps + granules(bytes) * Long.BYTES;
    for (long at = stamps; at < end; at += Long.BYTES) {
      long both = NativeMemory.getDoubleWord(at);
      int reader = (int) both;
      int writer = (int) (both >>> 32);
      if (writer >= first && (writer & ~1) != mine) {
        return false;
      }
      if (reader != mine && reader != several) {
        NativeMemory.putWord(at + READER, reader < first ? mine : several);
      }
    }
    return true;
  }

  /** A plain write of many granules that no other CTA has touched; as {@link #readsAll}. */
  boolean writesAll(long stamps, int bytes) {
    if (concurrent) {
      return false;
    }
    long end = stamps + granules(bytes) * Long.BYTES;
    for (long at = stamps; at < end; at += Long.BYTES) {
      long both = NativeMemory.getDoubleWord(at);
      int reader = (int) both;
      int writer = (int) (both >>> 32);
      if (reader >= first && reader != mine || writer >= first && writer != mine) {
        return false;
      }
      NativeMemory.putWord(at + WRITER, mine);
    }
    return true;
  }

  /** An atomic read and write; otherwise as {@link #read}. */
  int atomic(long stamps, int bytes) {
    int conflict = 0;
    long end = stamps + granules(bytes) * Long.BYTES;
    for (long at = stamps; at < end; at += Long.BYTES) {
      int writer = NativeMemory.getWordVolatile(at + WRITER);
      while (true) {
        int found = exchange(at + WRITER, writer, atomicStamp(writer));
        if (found == writer) {
          break;
        }
        writer = found;
      }
      if (writer >= first && (writer & 1) == 0 && writer != mine) {
        conflict = writer;
      }
      int reader = NativeMemory.getWordVolatile(at + READER);
      if (reader >= first && reader != mine) {
        conflict = reader;
      }
    }
    return conflict;
  }

  /** The writer's stamp after an atomic operation of this CTA; a plain write is not forgotten. */
  private int atomicStamp(int writer) {
    if (writer < first) {
      return mine + 1;
    }
    return (writer & 1) == 0 || writer == mine + 1 ? writer : several + 1;
  }

  /** Writes a stamp if it is as expected, and gives what it was; plainly if no one else writes. */
  private int exchange(long stamp, int expected, int value) {
    if (concurrent) {
      return NativeMemory.compareAndExchangeWord(stamp, expected, value);
    }
    NativeMemory.putWord(stamp, value);
    return expected;
  }

  /** Writes a stamp, and gives what it was. */
  private int set(long stamp, int value) {
    if (concurrent) {
      return NativeMemory.getAndSetWord(stamp, value);
    }
    int was = NativeMemory.getWord(stamp);
    NativeMemory.putWord(stamp, value);
    return was;
  }

  private long granules(int bytes) {
    return Math.max(1, bytes >> shift);
  }
}
