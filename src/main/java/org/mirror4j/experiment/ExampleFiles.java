package org.mirror4j.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonElements;
import org.mirror4j.file.JsonFiles;
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
    String[] parts = first.replaceFirst("\\.gz$", "").split("(?=\\.[^.]*$)", 2);
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
    List<String> rows = new ArrayList<>();
    int example = 0;
    for (Path source : sources) {
      List<String> lines = TextLines.read(source, notices);
      if (rows.isEmpty()) {
        rows.add(lines.getFirst());
      } else if (!rows.getFirst().equals(lines.getFirst())) {
        throw new FileException(
            "%s:1: %s, expected the columns of the files before it, %s"
                .formatted(
                    source,
                    FileException.quote(lines.getFirst()),
                    FileException.quote(rows.getFirst())));
      }
      for (String line : lines.subList(1, lines.size())) {
        if (examples.takes(example++)) {
          rows.add(line);
        }
      }
    }
    return rows;
  }

  private List<String> blocks(List<Path> sources, ExampleFile examples) {
    List<String> taken = new ArrayList<>();
    int example = 0;
    for (Path source : sources) {
      List<String> lines = new ArrayList<>(TextLines.read(source, notices));
      lines.add("");
      boolean inside = false;
      for (String line : lines) {
        if (examples.takes(example) && (inside || !line.isBlank())) {
          taken.add(line);
        }
        if (inside && line.isBlank()) {
          example++;
        }
        inside = !line.isBlank();
      }
    }
    return taken;
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
