package org.mirror4j.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;

/** Tables of a few lines, what stands in them, and what they leave in a store. */
final class TinyTables {
  private TinyTables() {}

  /** Reads definitions. */
  static Tables parse(String json) {
    return JsonRecords.read(
        Tables.class,
        JsonFiles.parseObject(json.getBytes(StandardCharsets.UTF_8), "tables"),
        "tables");
  }

  /** Those of all seeds, in all cells of a row. */
  static List<Double> values(ReproducedTable table, String variant) {
    return values(table, Map.of("variant", variant));
  }

  /** Those of all seeds, in all cells whose fields are these. */
  static List<Double> values(ReproducedTable table, Map<String, String> fields) {
    List<Double> values = new ArrayList<>();
    for (JsonNode cell : table.json().path("cells")) {
      if (fields.entrySet().stream()
          .allMatch(field -> cell.path(field.getKey()).asText().equals(field.getValue()))) {
        cell.path("values").forEach(value -> values.add(value.doubleValue()));
      }
    }
    return values;
  }

  /** What lies in a folder of a store. */
  static List<Path> stored(Path store, String folder) throws IOException {
    if (!Files.exists(store.resolve(folder))) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(store.resolve(folder))) {
      return all.sorted().toList();
    }
  }
}
