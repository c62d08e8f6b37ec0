package org.mirror4j.serve;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** What a server has done, in the text format of Prometheus, version 0.0.4. */
final class Metrics {
  /** What is said of a request whose client was gone before its answer. */
  static final String CLOSED = "closed";

  private static final double[] SECONDS = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60
  };
  private static final double[] TEXTS = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};
  private static final double[] TOKENS = {8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192};

  /** By labels. */
  private final Map<String, LongAdder> requests = new ConcurrentSkipListMap<>();

  private final Map<String, LongAdder> refused = new ConcurrentSkipListMap<>();
  private final Map<String, Histogram> seconds = new ConcurrentSkipListMap<>();
  private final Map<String, LongSupplier> gauges = new ConcurrentHashMap<>();
  private final LongAdder texts = new LongAdder();
  private final LongAdder tokens = new LongAdder();
  private final Histogram batchTexts = new Histogram(TEXTS);
  private final Histogram batchTokens = new Histogram(TOKENS);

  /**
   * A request is over.
   *
   * @param path one of few: each has lines of its own
   * @param status of the answer, or {@link #CLOSED}
   */
  void request(String path, String status, double took) {
    count(requests, "path=\"%s\",status=\"%s\"".formatted(path, status));
    seconds
        .computeIfAbsent("path=\"%s\",".formatted(path), key -> new Histogram(SECONDS))
        .add(took);
  }

  void refused(Refusal.Kind kind) {
    count(refused, "reason=\"%s\"".formatted(kind.name().toLowerCase(Locale.ROOT)));
  }

  private static void count(Map<String, LongAdder> counters, String labels) {
    counters.computeIfAbsent(labels, key -> new LongAdder()).increment();
  }

  /** A batch is computed. */
  void batch(int texts, int tokens) {
    this.texts.add(texts);
    this.tokens.add(tokens);
    batchTexts.add(texts);
    batchTokens.add(tokens);
  }

  /** Shows a value as it is when it is asked for. */
  void gauge(String name, String help, LongSupplier value) {
    gauges.put("# HELP %1$s %2$s\n# TYPE %1$s gauge\n%1$s ".formatted(name, help), value);
  }

  /** All of it. */
  String text() {
    StringBuilder text = new StringBuilder();
    counters(
        text, "mirror4j_requests_total", "Requests by path and status of the answer.", requests);
    counters(
        text, "mirror4j_refused_total", "Requests that were given no vectors, by reason.", refused);
    counters(
        text, "mirror4j_texts_total", "Texts that were turned into vectors.", Map.of("", texts));
    counters(
        text,
        "mirror4j_tokens_total",
        "Tokens of these texts, special ones too.",
        Map.of("", tokens));
    gauges.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            gauge -> text.append(gauge.getKey()).append(gauge.getValue().getAsLong()).append('\n'));
    head(
        text,
        "mirror4j_request_seconds",
        "Time from a request's head to the end of its answer.",
        "histogram");
    seconds.forEach(
        (labels, histogram) -> histogram.append(text, "mirror4j_request_seconds", labels));
    head(text, "mirror4j_batch_texts", "Texts that were computed together.", "histogram");
    batchTexts.append(text, "mirror4j_batch_texts", "");
    head(text, "mirror4j_batch_tokens", "Tokens that were computed together.", "histogram");
    batchTokens.append(text, "mirror4j_batch_tokens", "");
    return text.toString();
  }

  private static void counters(
      StringBuilder text, String name, String help, Map<String, LongAdder> counters) {
    head(text, name, help, "counter");
    counters.forEach(
        (labels, count) ->
            text.append(name)
                .append(labels.isEmpty() ? "" : "{%s}".formatted(labels))
                .append(' ')
                .append(count.sum())
                .append('\n'));
  }

  private static void head(StringBuilder text, String name, String help, String type) {
    text.append("# HELP %1$s %2$s\n# TYPE %1$s %3$s\n".formatted(name, help, type));
  }
}
