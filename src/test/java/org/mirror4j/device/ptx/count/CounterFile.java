package org.mirror4j.device.ptx.count;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.mirror4j.file.FileException;

/**
 * The counts of one entry at named shapes, as {@code bench/counters/<entry>.json} keeps them:
 *
 * <pre>  {"entry": "scale", "shapes": {"n=1000": {"warpInstructions": 96, ...}, ...}}  </pre>
 *
 * Counts are exact, so files are compared for equality; a change that moves a number commits the
 * new file.
 */
public final class CounterFile {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final String entry;
  private final Map<String, Map<String, Long>> shapes = new TreeMap<>();

  /** Counts of no shape yet. */
  public CounterFile(String entry) {
    this.entry = entry;
  }

  /** Adds the counts at a shape. */
  public void put(String shape, LaunchCounts counts) {
    shapes.put(shape, counts.byName());
  }

  /** Reads a file. */
  public static CounterFile read(Path path) {
    try {
      JsonNode root = JSON.readTree(path.toFile());
      CounterFile file = new CounterFile(root.path("entry").asText());
      root.path("shapes")
          .properties()
          .forEach(
              shape -> {
                Map<String, Long> values = new LinkedHashMap<>();
                shape
                    .getValue()
                    .properties()
                    .forEach(v -> values.put(v.getKey(), v.getValue().asLong()));
                file.shapes.put(shape.getKey(), values);
              });
      return file;
    } catch (IOException e) {
      throw FileException.of("cannot read counters " + path, e);
    }
  }

  /** As JSON; the same counts give the same text. */
  public ObjectNode json() {
    ObjectNode root = JSON.createObjectNode();
    root.put("entry", entry);
    ObjectNode all = root.putObject("shapes");
    shapes.forEach(
        (shape, values) -> {
          ObjectNode node = all.putObject(shape);
          values.forEach(node::put);
        });
    return root;
  }

  /** Writes a file, over one that is there. */
  public void write(Path path) {
    try {
      Files.writeString(path, JSON.writeValueAsString(json()) + "\n");
    } catch (IOException e) {
      throw FileException.of("cannot write counters " + path, e);
    }
  }

  /**
   * Where newly made counts differ from these.
   *
   * @return one line each: {@code scale n=1000: globalLoadSectors is 32, expected 31}
   */
  public List<String> differences(CounterFile counted) {
    List<String> lines = new ArrayList<>();
    TreeMap<String, Map<String, Long>> either = new TreeMap<>(shapes);
    counted.shapes.forEach(either::putIfAbsent);
    for (String shape : either.keySet()) {
      String where = entry + " " + shape + ": ";
      Map<String, Long> expected = shapes.get(shape);
      Map<String, Long> found = counted.shapes.get(shape);
      if (expected == null || found == null) {
        lines.add(where + (expected == null ? "not in the file" : "not counted"));
        continue;
      }
      Map<String, Long> names = new LinkedHashMap<>(expected);
      found.forEach(names::putIfAbsent);
      for (String name : names.keySet()) {
        if (!Objects.equals(expected.get(name), found.get(name))) {
          lines.add(
              "%s%s is %s, expected %s"
                  .formatted(where, name, found.get(name), expected.get(name)));
        }
      }
    }
    return lines;
  }
}
