package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.mirror4j.file.JsonRecords;

/** The values of recipes side by side, for the help: a row a setting, by the name of its option. */
final class RecipeTable {
  private static final int GAP = 2;

  private RecipeTable() {}

  /**
   * The lines, with an empty one and a title before.
   *
   * @param options the class that has an option for each setting
   * @param recipes settings by the label of their recipe
   */
  static List<String> of(
      String title, Class<?> options, SequencedMap<String, ? extends Record> recipes) {
    Map<String, String> names = Given.names(options);
    List<ObjectNode> values = recipes.values().stream().map(JsonRecords::write).toList();
    List<String> settings = new ArrayList<>();
    values.getFirst().fieldNames().forEachRemaining(settings::add);
    int first = settings.stream().mapToInt(name -> names.get(name).length()).max().orElseThrow();
    List<StringBuilder> lines = new ArrayList<>();
    lines.add(new StringBuilder(" ".repeat(first + GAP)));
    for (String setting : settings) {
      lines.add(new StringBuilder("  %%-%ds".formatted(first).formatted(names.get(setting))));
    }
    List<String> labels = List.copyOf(recipes.keySet());
    for (int recipe = 0; recipe < labels.size(); recipe++) {
      List<String> column = new ArrayList<>(List.of(labels.get(recipe)));
      ObjectNode of = values.get(recipe);
      settings.forEach(setting -> column.add(of.get(setting).asText()));
      int width = GAP + column.stream().mapToInt(String::length).max().orElseThrow();
      for (int line = 0; line < column.size(); line++) {
        lines.get(line).append("%%%ds".formatted(width).formatted(column.get(line)));
      }
    }
    List<String> table = new ArrayList<>(List.of("", title));
    lines.forEach(line -> table.add(line.toString()));
    return table;
  }
}
