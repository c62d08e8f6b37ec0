package org.mirror4j.bench.report;

/** Numbers for people. */
final class Format {
  private Format() {}

  static String time(double seconds) {
    if (seconds >= 1) {
      return "%.2f s".formatted(seconds);
    }
    return seconds >= 1e-3
        ? "%.3g ms".formatted(seconds * 1e3)
        : "%.3g us".formatted(seconds * 1e6);
  }

  static String number(double value) {
    return value >= 100 ? "%,.0f".formatted(value) : "%.3g".formatted(value);
  }

  static String bytes(double bytes) {
    return bytes >= 1 << 20
        ? "%,.1f MB".formatted(bytes / (1 << 20))
        : bytes >= 1024 ? "%,.1f kB".formatted(bytes / 1024) : "%.0f B".formatted(bytes);
  }
}
