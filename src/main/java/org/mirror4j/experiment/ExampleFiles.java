package org.mirror4j.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonElements;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.PackedFile;
import org.mirror4j.text.TextLines;

/**
 * The file of an {@link ExampleFile}, made beside the {@link ExperimentCorpus corpora} where it is
 * not one of the data sets as it lies there. What an example is, is said by the name:
 *
 * <table>
 * <caption>Forms</caption>
 * <tr><td>{@code .tsv}</td><td>a line; the first one of a file names the columns</td></tr>
 * <tr><td>{@code .json}</td><td>an article of SQuAD's {@code data}</td></tr>
 * <tr><td>all others</td><td>lines up to an empty one</td></tr>
 * </table>
 */
record ExampleFiles(ExperimentCorpus corpora, Consumer<String> notices) {
  /**
   * The file.
   *
   * @throws FileException if one that it is made from is not there or not of its form
   * @throws org.mirror4j.text.TextException if one is not UTF-8
   */
  Path of(ExampleFile examples) {
    List<Path> sources =
        Stream.concat(examples.files().stream(), examples.without().stream())
            .map(corpora::of)
            .toList();
    if (examples.isWhole()) {
      return sources.getFirst();
    }
    String first = Path.of(examples.files().getFirst()).getFileName().toString();
    String[] parts = PackedFile.unpacked(first).split("(?=\\.[^.]*$)", 2);
    String name =
        parts[0]
            + (examples.files().size() == 1 ? "" : "-and-%d".formatted(examples.files().size() - 1))
            + examples.selection();
    return switch (parts.length == 1 ? "" : parts[1]) {
      case ".tsv" -> corpora.made(name, sources, ".tsv", all -> rows(all, examples));
      case ".json" -> corpora.made(name, sources, ".json", all -> articles(all, examples));
      default -> corpora.made(name, sources, ".txt", all -> blocks(all, examples));
    };
  }

  /** Under the header of the first file. */
  private List<String> rows(List<Path> sources, ExampleFile examples) {
    List<ExampleGroups.Row> rows = new ArrayList<>();
    for (Path source : sources) {
      List<String> lines = TextLines.read(source, notices);
      if (!rows.isEmpty() && !rows.getFirst().line().equals(lines.getFirst())) {
        throw new FileException(
            "%s:1: %s, expected the columns of the files before it, %s"
                .formatted(
                    source,
                    FileException.quote(lines.getFirst()),
                    FileException.quote(rows.getFirst().line())));
      }
      for (int line = rows.isEmpty() ? 0 : 1; line < lines.size(); line++) {
        rows.add(new ExampleGroups.Row(source + ":" + (line + 1), lines.get(line)));
      }
    }
    ExampleGroups.Row header = rows.removeFirst();
    List<ExampleGroups.Membership> groups =
        examples
            .groups()
            .map(some -> some.of(header, rows))
            .orElseGet(() -> ExampleGroups.alone(rows.size()));
    List<String> taken = new ArrayList<>(List.of(header.line()));
    for (int row = 0; row < rows.size(); row++) {
      if (examples.takes(groups.get(row))) {
        taken.add(rows.get(row).line());
      }
    }
    return taken;
  }

  /** What stands between groups is left out. */
  private List<String> blocks(List<Path> sources, ExampleFile examples) {
    Optional<String> between = examples.groups().flatMap(ExampleGroups::between);
    List<String> taken = new ArrayList<>();
    int group = -1;
    boolean begins = true;
    for (Path source : sources) {
      for (List<String> block : blocks(source, between)) {
        if (between.isPresent() && isBoundary(block.getFirst(), between.get())) {
          begins = true;
          continue;
        }
        group += begins || between.isEmpty() ? 1 : 0;
        begins = false;
        if (examples.takes(group)) {
          taken.addAll(block);
          taken.add("");
        }
      }
    }
    return taken;
  }

  private static boolean isBoundary(String line, String between) {
    return line.split("\\s", 2)[0].equals(between);
  }

  /** Lines up to an empty one each, and what stands between groups by itself. */
  private List<List<String>> blocks(Path source, Optional<String> between) {
    List<List<String>> blocks = new ArrayList<>();
    List<String> block = new ArrayList<>();
    for (String line : TextLines.read(source, notices)) {
      boolean boundary = between.filter(word -> isBoundary(line, word)).isPresent();
      if (!block.isEmpty() && (line.isBlank() || boundary)) {
        blocks.add(List.copyOf(block));
        block.clear();
      }
      if (boundary) {
        blocks.add(List.of(line));
      } else if (!line.isBlank()) {
        block.add(line);
      }
    }
    if (!block.isEmpty()) {
      blocks.add(block);
    }
    return blocks;
  }

  /** On one line, as JSON that people do not read. */
  private static List<String> articles(List<Path> sources, ExampleFile examples) {
    int files = examples.files().size();
    Set<String> left = new HashSet<>();
    for (Path other : sources.subList(files, sources.size())) {
      articles(other).forEach(article -> left.add(article.path("title").asText()));
    }
    ObjectNode json = JsonFiles.object();
    ArrayNode data = json.putArray("data");
    int example = 0;
    for (Path source : sources.subList(0, files)) {
      for (JsonNode article : articles(source)) {
        if (!left.contains(article.path("title").asText()) && examples.takes(example++)) {
          data.add(article);
        }
      }
    }
    return List.of(new String(JsonFiles.compactBytes(json), StandardCharsets.UTF_8));
  }

  private static List<JsonNode> articles(Path file) {
    List<JsonNode> articles = new ArrayList<>();
    try (JsonElements elements = JsonElements.of(file, "data")) {
      for (JsonNode each = elements.next(); each != null; each = elements.next()) {
        articles.add(each);
      }
    }
    return articles;
  }
}
