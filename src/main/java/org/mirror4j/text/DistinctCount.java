package org.mirror4j.text;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicLong;
import org.mirror4j.file.FileHash;

/**
 * How many different texts there are among many, in little memory: the first 64 bits of each text's
 * SHA-256 are sorted in runs, which are written to a file without a name and merged. Among n texts
 * two different ones are taken for one with a chance of n^2 / 2^65: 10^-7 for two million.
 */
final class DistinctCount implements AutoCloseable {
  /** Hashes that are sorted in memory: 1 MiB. */
  private static final int RUN = 1 << 17;

  private static final SortedRuns.Form<Long> HASH =
      new SortedRuns.Form<>() {
        @Override
        public ByteBuffer write(Long hash) {
          return ByteBuffer.allocate(Long.BYTES).putLong(0, hash);
        }

        @Override
        public Long read(ByteBuffer bytes) {
          return bytes.getLong();
        }
      };

  private final MessageDigest digest = FileHash.sha256();
  private final long[] run = new long[RUN];
  private final SortedRuns<Long> runs = new SortedRuns<>(Comparator.naturalOrder(), HASH);
  private int length;

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
    AtomicLong count = new AtomicLong();
    runs.merge((hash, same) -> hash, hash -> count.incrementAndGet());
    return count.get();
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
    int distinct = sortRun();
    runs.write(() -> Arrays.stream(run, 0, distinct).iterator());
    length = 0;
  }

  @Override
  public void close() {
    runs.close();
  }
}
