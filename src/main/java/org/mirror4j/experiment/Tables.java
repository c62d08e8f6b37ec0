package org.mirror4j.experiment;

import java.util.List;
import java.util.stream.Collectors;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.text.Spelling;

/** All tables that can be done again: the resource {@code tables.json}. */
public record Tables(List<TableDefinition> tables) {
  /** Those of the resource. */
  public static Tables read() {
    return JsonRecords.resource(Tables.class, "tables.json");
  }

  /** Their names, in order. */
  public List<String> names() {
    return tables.stream().map(TableDefinition::name).toList();
  }

  /** Name and title of each, a line each. */
  public String list() {
    int width = names().stream().mapToInt(String::length).max().orElse(0);
    return tables.stream()
        .map(table -> ("%-" + width + "s  %s").formatted(table.name(), table.title()))
        .collect(Collectors.joining("\n"));
  }

  /**
   * Some of the tables, in the order in which they are asked for.
   *
   * @throws IllegalArgumentException if there is none of a name; the message says the closest
   */
  public Tables of(List<String> names) {
    return new Tables(names.stream().distinct().map(this::of).toList());
  }

  /**
   * The same tables with another size of the models that are pretrained.
   *
   * @throws IllegalArgumentException if none is
   */
  public Tables of(ModelSize size) {
    if (tables.stream().noneMatch(TableDefinition::isOfPretrained)) {
      throw new IllegalArgumentException(
          "no model of %s is pretrained, expected a table whose size can be chosen"
              .formatted(String.join(", ", names())));
    }
    return new Tables(tables.stream().map(table -> table.of(size)).toList());
  }

  private TableDefinition of(String name) {
    return tables.stream()
        .filter(table -> table.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no table %s%s; reproduce --list shows all"
                        .formatted(name, Spelling.hint(name, names()))));
  }
}
