package org.mirror4j.fuzz;

/**
 * How the reading of an input ended.
 *
 * @param number of the input
 * @param detail the message of a refusal, what is wrong with a bad ending, empty for success
 * @param nanos time of the processor
 * @param bytes allocated in the heap
 */
record Ending(long number, Kind kind, String detail, long nanos, long bytes) {
  /** What an ending is. */
  enum Kind {
    ACCEPTED,
    REFUSED,
    BAD
  }

  /** One line, for a pipe. */
  String line() {
    return "%d %s %d %d %s"
        .formatted(number, kind, nanos, bytes, detail.replaceAll("[\\r\\n]+", " | "));
  }

  /** What {@link #line} wrote. */
  static Ending parse(String line) {
    String[] parts = line.split(" ", 5);
    return new Ending(
        Long.parseLong(parts[0]),
        Kind.valueOf(parts[1]),
        parts[4],
        Long.parseLong(parts[2]),
        Long.parseLong(parts[3]));
  }

  static Ending bad(long number, String what, long nanos) {
    return new Ending(number, Kind.BAD, what, nanos, 0);
  }
}
