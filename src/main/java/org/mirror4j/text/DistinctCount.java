package org.mirror4j.text;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * How many different texts there are among many, in little memory: the first 64 bits of each text's
 * SHA-256 are sorted in runs, which are written to a file without a name and merged. Among n texts
 * two different ones are taken for one with a chance of n^2 / 2^65: 10^-7 for two million.
 */
final class DistinctCount implements AutoCloseable {
  /** Hashes that are sorted in memory: 1 MiB. */
  private static final int RUN = 1 << 17;

  /** Hashes of a run that are read at once. */
  private static final int READ = 1 << 10;

  private final MessageDigest digest;
  private final long[] run = new long[RUN];
  private final List<Run> runs = new ArrayList<>();
  private Spool.Appended file;
  private int length;

  DistinctCount() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Adds a text. */
  void add(String text) {
    if (length == RUN) {
      writeRun();
    }
    byte[] hash = digest.digest(text.getBytes(StandardCharsets.UTF_8));
    run[length++] = ByteBuffer.wrap(hash).getLong();
  }

  /** Different texts so far; none can be added afterwards. */
  long count() {
    if (runs.isEmpty()) {
      return sortRun();
    }
    writeRun();
    PriorityQueue<Run> heads = new PriorityQueue<>(Comparator.comparingLong(head -> head.first));
    runs.stream().filter(Run::next).forEach(heads::add);
    long count = 0;
    long last = 0;
    while (!heads.isEmpty()) {
      Run head = heads.poll();
      if (count == 0 || head.first != last) {
        count++;
        last = head.first;
      }
      if (head.next()) {
        heads.add(head);
      }
    }
    return count;
  }

  /** Sorts what is in memory and drops what is there twice. */
  private int sortRun() {
    Arrays.sort(run, 0, length);
    int distinct = 0;
    for (int i = 0; i < length; i++) {
      if (distinct == 0 || run[i] != run[distinct - 1]) {
        run[distinct++] = run[i];
      }
    }
    length = distinct;
    return distinct;
  }

  private void writeRun() {
    if (file == null) {
      file = new Spool.Appended();
    }
    int distinct = sortRun();
    runs.add(new Run(file, file.bytes(), distinct));
    ByteBuffer bytes = ByteBuffer.allocate(distinct * Long.BYTES);
    bytes.asLongBuffer().put(run, 0, distinct);
    file.append(bytes);
    length = 0;
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
    }
  }

  /** Ascending hashes in the file, read from the first on. */
  private static final class Run {
    private final Spool.Appended file;
    private long position;
    private int left;
    private LongBuffer read = LongBuffer.allocate(0);

    /** The hash that {@link #next} went to. */
    long first;

    Run(Spool.Appended file, long position, int left) {
      this.file = file;
      this.position = position;
      this.left = left;
    }

    /** Goes to the next hash, unless there is none. */
    boolean next() {
      if (!read.hasRemaining()) {
        int count = Math.min(READ, left);
        if (count == 0) {
          return false;
        }
        read = file.read(position, count * Long.BYTES).asLongBuffer();
        position += (long) count * Long.BYTES;
        left -= count;
      }
      first = read.get();
      return true;
    }
  }
}
