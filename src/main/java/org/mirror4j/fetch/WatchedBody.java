package org.mirror4j.fetch;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The body of an answer, which ends in a failure when nothing has come for too long: a connection
 * can be dead and not know it, and the limit of a request ends with the headers of its answer.
 */
final class WatchedBody extends FilterInputStream {
  private final AtomicLong read = new AtomicLong();
  private final Thread watch;

  /**
   * Watches a body.
   *
   * @param silence how long nothing may come
   */
  WatchedBody(InputStream body, Duration silence) {
    super(body);
    watch = Thread.ofVirtual().start(() -> watch(silence));
  }

  private void watch(Duration silence) {
    for (long seen = -1; seen != read.get(); ) {
      seen = read.get();
      try {
        Thread.sleep(silence);
      } catch (InterruptedException e) {
        return;
      }
    }
    try {
      in.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // the reader has its own failure
    }
  }

  @Override
  public int read() throws IOException {
    int value = super.read();
    read.incrementAndGet();
    return value;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int count = super.read(into, offset, length);
    read.addAndGet(Math.max(0, count));
    return count;
  }

  @Override
  public void close() throws IOException {
    watch.interrupt();
    super.close();
  }
}
