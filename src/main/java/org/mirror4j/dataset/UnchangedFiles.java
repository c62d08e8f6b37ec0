package org.mirror4j.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mirror4j.file.FileException;
import org.mirror4j.text.FieldSeparator;

/**
 * Files that the layout has as they are published, each of their rows looked at before.
 *
 * @param name of a file
 * @param path of the layout, made of the groups of the name
 * @param folder what the folder of a file must be called for its name to stand in the path in place
 *     of {@code %s}; empty for anything
 * @param separator of the fields
 * @param columns how many fields a row has
 * @param score column of a number, -1 for none
 */
record UnchangedFiles(
    Pattern name, String path, String folder, FieldSeparator separator, int columns, int score)
    implements SourceForm {
  /** XLING's dictionaries (Glavas et al. 2019): source and target word. */
  static final UnchangedFiles XLING =
      new UnchangedFiles(
          Pattern.compile(
              "yacle\\.(?:test|train)\\.freq\\.(?:500|[1-9]k)\\.([a-z]{2}-[a-z]{2})\\.tsv"),
          "xling/%s/",
          "[a-z]{2}-[a-z]{2}",
          FieldSeparator.TAB,
          2,
          -1);

  /** STS-B translated by machine: two sentences and their score. */
  static final UnchangedFiles TRANSLATED_STS_BENCHMARK =
      new UnchangedFiles(
          Pattern.compile("stsb-[a-z]{2}-(?:train|dev|test)\\.csv"),
          "sts/original/stsb-multi-mt/",
          "",
          FieldSeparator.COMMA,
          3,
          2);

  @Override
  public List<LayoutFile> read(SourceFolder source, Consumer<String> notices) {
    List<LayoutFile> files = new ArrayList<>();
    for (Path file : source.named(n -> name.matcher(n).matches())) {
      files.add(read(file));
    }
    return files;
  }

  private LayoutFile read(Path file) {
    Rows rows = Rows.read(file, separator);
    rows.indices().forEach(row -> check(rows, row));
    try {
      return new LayoutFile(
          target(file) + file.getFileName(), file, Files.readAllBytes(file), rows.size());
    } catch (IOException e) {
      throw FileException.of(file, e);
    }
  }

  private void check(Rows rows, int row) {
    int found = rows.rows().get(row).fields().size();
    if (found != columns) {
      throw new IllegalArgumentException(
          "%s: %d fields, expected %d separated by %s"
              .formatted(
                  rows.place(row),
                  found,
                  columns,
                  separator == FieldSeparator.TAB ? "a tab" : "commas"));
    }
    for (int column = 0; column < columns; column++) {
      if (column == score) {
        rows.number(row, column);
      } else {
        rows.text(row, column);
      }
    }
  }

  /** A file that lies elsewhere than in a folder of its languages goes to that of its own name. */
  private String target(Path file) {
    if (folder.isEmpty()) {
      return path;
    }
    String parent = String.valueOf(file.toAbsolutePath().getParent().getFileName());
    Matcher parts = name.matcher(file.getFileName().toString());
    parts.matches();
    return path.formatted(parent.matches(folder) ? parent : parts.group(1));
  }
}
