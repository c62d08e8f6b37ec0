package org.mirror4j.bench.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Iterator;
import java.util.List;
import org.mirror4j.bench.contest.Contest;
import org.mirror4j.bench.contest.ForkResults;
import org.mirror4j.bench.contest.Rates;
import org.mirror4j.file.AtomicFiles;

/**
 * The results of one machine, a JSON file: the machine, and one row for each side of each contest.
 * A contest that is run again takes the place of its rows.
 */
public final class Results {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Path file;
  private final ObjectNode root;

  private Results(Path file, ObjectNode root) {
    this.file = file;
    this.root = root;
  }

  /** The results in a file, or empty ones where there is none. */
  public static Results open(Path file) throws IOException {
    return new Results(
        file,
        Files.exists(file) ? (ObjectNode) JSON.readTree(file.toFile()) : JSON.createObjectNode());
  }

  /** What the rows were measured on. */
  public void machine(ObjectNode machine) {
    root.set("machine", machine);
  }

  /** What the rows were measured on; empty before it is set. */
  public JsonNode machine() {
    return root.path("machine");
  }

  /** All rows, in the order of measurement. */
  public List<ResultRow> rows() {
    return root.withArray("rows").valueStream().map(ResultRow::new).toList();
  }

  /** Puts the rows of a contest in place of those it had and writes the file. */
  public void put(Contest contest, List<ForkResults> measurements) throws IOException {
    ArrayNode rows = root.withArray("rows");
    Iterator<JsonNode> old = rows.iterator();
    while (old.hasNext()) {
      ResultRow row = new ResultRow(old.next());
      if (row.group().equals(contest.group()) && row.contest().equals(contest.name())) {
        old.remove();
      }
    }
    for (ForkResults measurement : measurements) {
      rows.add(row(contest, measurement));
    }
    write();
  }

  private ObjectNode row(Contest contest, ForkResults measurement) {
    ObjectNode row = JSON.createObjectNode();
    row.put("group", contest.group());
    row.put("contest", contest.name());
    row.put("side", measurement.contender().side());
    row.put("date", LocalDate.now().toString());
    if (measurement.failure() != null) {
      row.put("failure", measurement.failure());
      return row;
    }
    Rates rates = Rates.of(measurement);
    List<Double> seconds = measurement.seconds();
    row.put("threads", measurement.contender().threads());
    row.put("seconds", rates.seconds());
    row.put("secondsLeast", seconds.getFirst());
    row.put("secondsMost", seconds.getLast());
    row.put("iterations", seconds.size());
    row.put("forks", measurement.forks());
    row.put("item", rates.work().item());
    row.put("items", rates.work().items());
    row.put("itemsPerSecond", rates.itemsPerSecond());
    if (rates.gflops() > 0) {
      row.put("gflops", rates.gflops());
    }
    if (rates.gigabytes() > 0) {
      row.put("gigabytesPerSecond", rates.gigabytes());
    }
    row.put("allocatedBytes", measurement.allocatedBytes());
    row.put("peakMemoryMiB", measurement.peakMiB());
    return row;
  }

  /** Adds a result that is no contest, under a name of its own, and writes the file. */
  public void note(String name, Object value) throws IOException {
    root.set(name, JSON.valueToTree(value));
    write();
  }

  /** A result that is no contest. */
  public JsonNode note(String name) {
    return root.path(name);
  }

  private void write() throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    String text = JSON.writeValueAsString(root) + "\n";
    AtomicFiles.writeFile(file, text.getBytes(StandardCharsets.UTF_8));
  }
}
