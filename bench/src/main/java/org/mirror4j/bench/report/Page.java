package org.mirror4j.bench.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.mirror4j.file.AtomicFiles;

/**
 * The part of {@code bench/results/README.md} that is made from the results files, between two
 * marks; the text around it stays.
 */
public final class Page {
  private static final String BEGIN = "<!-- made by bench/run.sh from cpu-*.json: begin -->";
  private static final String END = "<!-- made by bench/run.sh from cpu-*.json: end -->";

  private final Path folder;
  private final StringBuilder text = new StringBuilder();

  private Page(Path folder) {
    this.folder = folder;
  }

  /** Rewrites the page of a folder of results, and its plots. */
  public static void write(Path folder) throws IOException {
    new Page(folder).write();
  }

  private void write() throws IOException {
    Path page = folder.resolve("README.md");
    String old = Files.readString(page);
    int begin = old.indexOf(BEGIN);
    int end = old.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IllegalStateException(page + ": the marks of the generated part are missing");
    }
    for (Path file : files()) {
      machine(file);
    }
    String made = old.substring(0, begin) + BEGIN + "\n\n" + text + old.substring(end);
    AtomicFiles.writeFile(page, made.getBytes(StandardCharsets.UTF_8));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(f -> f.getFileName().toString().matches("cpu-.*\\.json"))
          .sorted()
          .toList();
    }
  }

  private void machine(Path file) throws IOException {
    Results results = Results.open(file);
    JsonNode machine = results.machine();
    line("## %s", Machine.title(machine));
    line(
        "[%s](%s): %s; Linux %s, Java %s, %s of memory.",
        file.getFileName(),
        file.getFileName(),
        machine.path("device").asText(),
        machine.path("kernel").asText(),
        machine.path("java").asText(),
        machine.path("memory").asText());
    Facts facts = new Facts(results);
    facts.lines().forEach(fact -> text.append("- ").append(fact).append('\n'));
    text.append('\n');
    String name = file.getFileName().toString().replace(".json", "");
    Map<String, List<ResultRow>> groups = new LinkedHashMap<>();
    for (ResultRow row : results.rows()) {
      groups.computeIfAbsent(row.group(), g -> new ArrayList<>()).add(row);
    }
    for (Map.Entry<String, List<ResultRow>> group : groups.entrySet()) {
      line("### %s", group.getKey().replace('-', ' '));
      String plot = name + "-" + group.getKey() + ".svg";
      if (Chart.write(folder.resolve(plot), group.getValue())) {
        line("![%s](%s)", group.getKey().replace('-', ' '), plot);
      }
      table(group.getValue(), facts);
    }
  }

  private void table(List<ResultRow> rows, Facts facts) {
    text.append(
        "| what | who | time | of mirror4j's f32 | rate | GFLOP/s | of f32 peak | heap a call |"
            + " memory |\n"
            + "|---|---|---|---|---|---|---|---|---|\n");
    String contest = "";
    for (ResultRow row : rows) {
      text.append(
          "| %s | %s | ".formatted(row.contest().equals(contest) ? "" : row.contest(), row.side()));
      contest = row.contest();
      if (!row.measured()) {
        text.append("failed | | | | | | |\n");
        continue;
      }
      double gflops = row.number("gflops");
      double peak = facts.peak((int) row.number("threads"));
      text.append(
          "%s | %s | %s %s/s | %s | %s | %s | %,.0f MiB |\n"
              .formatted(
                  Format.time(row.seconds()),
                  facts
                      .engine(row)
                      .map(e -> "%.2f".formatted(row.seconds() / e.seconds()))
                      .orElse(""),
                  Format.number(row.number("itemsPerSecond")),
                  row.json().path("item").asText(),
                  gflops > 0 ? "%.1f".formatted(gflops) : "",
                  gflops > 0 && peak > 0 ? "%.0f %%".formatted(100 * gflops / peak) : "",
                  Format.bytes(row.number("allocatedBytes")),
                  row.number("peakMemoryMiB")));
    }
    text.append('\n');
  }

  private void line(String format, Object... arguments) {
    text.append(format.formatted(arguments)).append("\n\n");
  }
}
