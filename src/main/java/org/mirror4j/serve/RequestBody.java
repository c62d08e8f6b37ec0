package org.mirror4j.serve;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The body of a request, no more bytes than are taken, each held while the request is there. */
final class RequestBody extends FilterInputStream {
  private final int limit;
  private final HeldMemory.Share held;
  private long bytes;

  /**
   * A body of which nothing is read.
   *
   * @param length what the client says; negative where it does not
   * @throws Refusal if that is too much
   */
  RequestBody(InputStream in, long length, int limit, HeldMemory.Share held) {
    super(in);
    this.limit = limit;
    this.held = held;
    require(length);
  }

  private void require(long length) {
    if (length > limit) {
      throw new Refusal(
          Refusal.Kind.TOO_LARGE,
          "the body has more than %,d bytes, expected at most as many".formatted(limit));
    }
  }

  @Override
  public int read() throws IOException {
    int value = super.read();
    if (value >= 0) {
      count(1);
    }
    return value;
  }

  @Override
  public int read(byte[] target, int from, int length) throws IOException {
    int count = super.read(target, from, length);
    if (count > 0) {
      count(count);
    }
    return count;
  }

  private void count(int more) {
    bytes += more;
    require(bytes);
    held.add(more);
  }
}
