package org.mirror4j.bench.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.mirror4j.bench.embedding.EmbeddingContests;
import org.mirror4j.bench.product.ProductContests;
import org.mirror4j.bench.training.CardContests;
import org.mirror4j.bench.training.TrainingContests;

/** What follows from the rows of one machine. */
final class Facts {
  private static final String F32 = "mirror4j f32";

  private final Results results;
  private final List<ResultRow> rows;

  Facts(Results results) {
    this.results = results;
    rows = results.rows().stream().filter(ResultRow::measured).toList();
  }

  /** Measured f32 peak of so many threads in GFLOP/s; 0 where it was not measured. */
  double peak(int threads) {
    return rows.stream()
        .filter(r -> r.group().equals(ProductContests.PEAK) && r.number("threads") == threads)
        // A machine that others use too shows its peak in its best moment only.
        .mapToDouble(r -> r.number("gflops") * r.seconds() / r.number("secondsLeast"))
        .max()
        .orElse(0);
  }

  /**
   * The row that times of a contest are compared with: the engine in f32 on the most threads, as
   * all rivals have; on fewer it is itself compared with that.
   */
  Optional<ResultRow> engine(ResultRow row) {
    return rows.stream()
        .filter(r -> r.group().equals(row.group()) && r.contest().equals(row.contest()))
        .filter(r -> r.side().startsWith(F32) || r.side().equals("mirror4j"))
        .max(Comparator.comparing(r -> r.number("threads")));
  }

  /** Sentences, most important first. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    List<ResultRow> engines =
        rows.stream()
            .filter(r -> r.group().equals(TrainingContests.STEP) && r.side().startsWith(F32))
            .toList();
    for (ResultRow engine : engines) {
      step(engine, lines);
    }
    cardEpochs(lines);
    parity(lines);
    stepHeap(lines);
    embedding(lines);
    scaling(lines);
    starts(lines);
    serving(lines);
    recipe(lines);
    return lines;
  }

  private void step(ResultRow engine, List<String> lines) {
    StringBuilder line =
        new StringBuilder(
            "Training step, %s: %s (%,.0f tokens/s)"
                .formatted(
                    engine.contest(),
                    Format.time(engine.seconds()),
                    engine.number("itemsPerSecond")));
    double peak = peak((int) engine.number("threads"));
    if (peak > 0) {
      line.append(", %.0f %% of the f32 peak".formatted(100 * engine.number("gflops") / peak));
    }
    double library = library();
    if (library > 0 && engine.contest().startsWith("base")) {
      line.append(
          ", %.0f %% of what oneDNN alone reaches in the products"
              .formatted(100 * engine.number("gflops") / library));
    }
    for (String padding : List.of("longest", "maximum")) {
      rival(engine, "DJL, padded to " + padding)
          .ifPresent(
              rival ->
                  line.append(
                      "; DJL at its best padded to %s takes %.2f times as long and %.2f times the memory"
                          .formatted(
                              padding.equals("longest")
                                  ? "the longest of the batch"
                                  : "the recipe's length",
                              rival.seconds() / engine.seconds(),
                              rival.number("peakMemoryMiB") / engine.number("peakMemoryMiB"))));
    }
    rival(engine, "mirror4j bf16")
        .ifPresent(
            bf16 ->
                line.append(
                    "; in bf16 %s, %.2f times as fast"
                        .formatted(
                            Format.time(bf16.seconds()), engine.seconds() / bf16.seconds())));
    lines.add(line.append('.').toString());
  }

  /** GFLOP/s of oneDNN over the products of all three passes at the smallest number of rows. */
  private double library() {
    List<ResultRow> products =
        rows.stream()
            .filter(r -> r.group().equals(ProductContests.PRODUCTS))
            .filter(r -> r.side().equals("oneDNN f32") && r.contest().endsWith(" 1800 rows"))
            .toList();
    // All passes have the same number of flops.
    double seconds = products.stream().mapToDouble(r -> 1 / r.number("gflops")).sum();
    return products.size() == 3 ? products.size() / seconds : 0;
  }

  /** The fastest side of a contest whose name begins so. */
  private Optional<ResultRow> rival(ResultRow engine, String side) {
    return rows.stream()
        .filter(r -> r.group().equals(engine.group()) && r.contest().equals(engine.contest()))
        .filter(r -> r.side().startsWith(side))
        .min(Comparator.comparing(ResultRow::seconds));
  }

  /** Beside what the engine was ordered to reach. */
  private void cardEpochs(List<String> lines) {
    rows.stream()
        .filter(r -> r.group().equals(CardContests.EPOCH))
        .forEach(
            r ->
                lines.add(
                    "An epoch on a card (%s), %s: %s; the target is 10 to 20 s on an RTX 2080 Ti."
                        .formatted(r.contest(), r.side(), Format.time(r.seconds()))));
  }

  private void parity(List<String> lines) {
    JsonNode parity = results.note("parity");
    if (!parity.isMissingNode()) {
      lines.add(
          "DJL computes the same step: loss %.6f beside ours of %.6f, gradients apart by at most %.1e of a parameter's largest element (BERT-base, word list, dropout off)."
              .formatted(
                  parity.path("rivalLoss").asDouble(),
                  parity.path("loss").asDouble(),
                  parity.path("worst").asDouble()));
    }
  }

  private void stepHeap(List<String> lines) {
    JsonNode heap = results.note("stepHeap");
    if (!heap.isMissingNode()) {
      List<String> bytes = new ArrayList<>();
      heap.path("bytes")
          .properties()
          .forEach(entry -> bytes.add(entry.getValue().asLong() + " bytes in " + entry.getKey()));
      lines.add(
          "Of the heap %d warm steps (%s, %s, %d items) take, in all threads: %s."
              .formatted(
                  heap.path("steps").asInt(),
                  heap.path("shape").asText(),
                  heap.path("recipe").asText(),
                  heap.path("items").asInt(),
                  String.join(", ", bytes)));
    }
  }

  private void embedding(List<String> lines) {
    for (String group : List.of(EmbeddingContests.THROUGHPUT, EmbeddingContests.LATENCY)) {
      rows.stream()
          .filter(r -> r.group().equals(group) && r.side().startsWith(F32))
          .forEach(engine -> lines.add(new EmbeddingFact(engine, sides(engine)).line()));
    }
  }

  /** All sides of a row's contest. */
  private List<ResultRow> sides(ResultRow row) {
    return rows.stream()
        .filter(r -> r.group().equals(row.group()) && r.contest().equals(row.contest()))
        .toList();
  }

  /** Exponent of the time over the tokens, and what another thread brings. */
  private void scaling(List<String> lines) {
    List<ResultRow> scaling =
        rows.stream()
            .filter(r -> r.group().equals(TrainingContests.SCALING) && r.side().startsWith(F32))
            .toList();
    List<ResultRow> sizes =
        scaling.stream()
            .filter(r -> r.contest().endsWith(" tokens"))
            .sorted(Comparator.comparing(r -> r.number("items")))
            .toList();
    if (sizes.size() > 1) {
      ResultRow small = sizes.getFirst();
      ResultRow large = sizes.getLast();
      lines.add(
          "From %,.0f to %,.0f tokens a step's time grows with their power of %.2f."
              .formatted(
                  small.number("items"),
                  large.number("items"),
                  Math.log(large.seconds() / small.seconds())
                      / Math.log(large.number("items") / small.number("items"))));
    }
    List<ResultRow> threads =
        scaling.stream()
            .filter(r -> r.contest().endsWith(" threads"))
            .sorted(Comparator.comparing(r -> r.number("threads")))
            .toList();
    if (threads.size() > 1) {
      lines.add(
          "%.0f threads are %.2f times as fast as one."
              .formatted(
                  threads.getLast().number("threads"),
                  threads.getFirst().seconds() / threads.getLast().seconds()));
    }
  }

  private void starts(List<String> lines) {
    JsonNode starts = results.note("starts");
    if (!starts.isMissingNode()) {
      lines.add(
          "From process start to end: mirror4j --help %.2f s, mirror4j embed of one text with the bundled model %.2f s."
              .formatted(
                  starts.path("helpSeconds").asDouble(), starts.path("embedSeconds").asDouble()));
    }
  }

  private void serving(List<String> lines) {
    JsonNode serving = results.note("serving");
    for (JsonNode row : serving.path("clients")) {
      lines.add(
          "mirror4j serve, %s, %d clients of one text a request: p50 %.1f ms, p99 %.1f ms, %,.0f texts/s; the encoder given all at once %,.0f."
              .formatted(
                  serving.path("model").asText(),
                  row.path("clients").asInt(),
                  row.path("p50Millis").asDouble(),
                  row.path("p99Millis").asDouble(),
                  row.path("textsPerSecond").asDouble(),
                  serving.path("encoderTextsPerSecond").path(0).asDouble()));
    }
  }

  private void recipe(List<String> lines) {
    JsonNode recipe = results.note("wordRecipe");
    if (!recipe.isMissingNode()) {
      lines.add(
          "The whole word recipe of a BERT-base-shaped model, %s: %.0f s."
              .formatted(recipe.path("command").asText(), recipe.path("seconds").asDouble()));
    }
  }
}
