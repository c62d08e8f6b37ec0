package org.mirror4j.serve;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes that all requests together hold, up to a limit. */
final class HeldMemory {
  private final long limit;
  private final AtomicLong held = new AtomicLong();

  HeldMemory(long limit) {
    this.limit = limit;
  }

  /** What one request holds, until it is closed. */
  final class Share implements AutoCloseable {
    private long bytes;

    /**
     * Holds more.
     *
     * @throws Refusal if it is more than there is left for all, or than there is for one
     */
    void add(long more) {
      if (bytes + more > limit) {
        throw new Refusal(
            Refusal.Kind.TOO_LARGE,
            "the request with its vectors takes more than the %,d bytes that there are for all"
                .formatted(limit));
      }
      if (held.addAndGet(more) > limit) {
        held.addAndGet(-more);
        throw new Refusal(
            Refusal.Kind.OVERLOADED,
            "the requests that are being answered take the %,d bytes that there are for them"
                .formatted(limit));
      }
      bytes += more;
    }

    @Override
    public void close() {
      held.addAndGet(-bytes);
      bytes = 0;
    }
  }

  /** The share of a request that holds nothing yet. */
  Share share() {
    return new Share();
  }

  /** What is held by all. */
  long bytes() {
    return held.get();
  }
}
