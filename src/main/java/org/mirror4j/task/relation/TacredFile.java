package org.mirror4j.task.relation;

import static java.util.stream.Collectors.joining;
import static org.mirror4j.file.FileException.quote;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonElements;
import org.mirror4j.file.JsonFields;
import org.mirror4j.text.LineReader;
import org.mirror4j.text.TextLines;
import org.mirror4j.text.block.TokenRange;

/**
 * Reads the form of TACRED (Zhang et al. 2017), perhaps gzipped:
 *
 * <pre>
 * [{"id": "...", "token": ["..."], "subj_start": 0, "subj_end": 1, "obj_start": 3, "obj_end": 3,
 *   "subj_type": "PERSON", "obj_type": "DATE", "relation": "per:date_of_birth"}]
 * </pre>
 *
 * Ends are those of the last tokens; other keys are passed over. What its scorer takes is a
 * relation a line.
 */
public final class TacredFile {
  /** Says that there is no relation of those that are asked for. */
  public static final String NO_RELATION = "no_relation";

  private static final int PEEKED_CHARACTERS = 1000;

  private TacredFile() {}

  /**
   * All examples, in order.
   *
   * @throws FileException if the file is absent or of another form, an id is there twice, an entity
   *     is not within its sentence, or a relation has no name or blanks in it; the message names
   *     file and id
   */
  public static List<RelationExample> read(Path file) {
    return read(file, true);
  }

  /** The same where relations are not known: they may be absent, and are not looked at. */
  static List<RelationExample> sentences(Path file) {
    return read(file, false);
  }

  private static List<RelationExample> read(Path file, boolean labelled) {
    List<RelationExample> examples = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    try (JsonElements elements = JsonElements.of(file)) {
      for (JsonNode element = elements.next(); element != null; element = elements.next()) {
        examples.add(example(file, examples.size() + 1, element, ids, labelled));
      }
    }
    if (examples.isEmpty()) {
      throw new FileException(file + ": no example, expected one at least");
    }
    return List.copyOf(examples);
  }

  private static RelationExample example(
      Path file, int number, JsonNode node, Set<String> ids, boolean labelled) {
    String id = JsonFields.of(node, "%s: example %d".formatted(file, number)).string("id");
    String place = "%s: example %s".formatted(file, quote(id));
    if (!ids.add(id)) {
      throw new FileException(place + " is there twice, expected each id once");
    }
    JsonFields fields = JsonFields.of(node, place);
    List<String> tokens = new ArrayList<>();
    for (JsonNode token : fields.elements("token")) {
      if (!token.isTextual()) {
        throw new FileException(
            "%s: a token is %s, expected a string"
                .formatted(place, FileException.clean(token.toString())));
      }
      tokens.add(token.textValue());
    }
    String relation = labelled ? fields.string("relation") : "";
    if (labelled && !isRelation(relation)) {
      throw new FileException(
          "%s: 'relation' is %s, expected a name without blanks".formatted(place, quote(relation)));
    }
    return new RelationExample(
        id,
        tokens,
        range(fields, "subj", tokens.size()),
        range(fields, "obj", tokens.size()),
        fields.string("subj_type"),
        fields.string("obj_type"),
        relation);
  }

  /** Whether a name can be told on a line of its own. */
  static boolean isRelation(String name) {
    return !name.isEmpty() && name.chars().noneMatch(Character::isWhitespace);
  }

  private static TokenRange range(JsonFields fields, String name, int tokens) {
    int first = fields.integer(name + "_start");
    int last = fields.integer(name + "_end");
    if (first < 0 || last < first || last >= tokens) {
      throw new FileException(
          "%s: '%s_start' is %d and '%s_end' %d, expected tokens 0 to %d in order"
              .formatted(fields.file(), name, first, name, last, tokens - 1));
    }
    return new TokenRange(first, last + 1);
  }

  /**
   * The relations of a file alone: of its examples, or where it has a relation a line of these.
   *
   * @param notices is told what is worth knowing of the file
   * @throws FileException if the file is of neither form; the message names file and line or id
   * @throws org.mirror4j.text.TextException if the file is absent, empty or not UTF-8
   */
  static List<String> relations(Path file, Consumer<String> notices) {
    try (LineReader lines = new LineReader(List.of(file), PEEKED_CHARACTERS)) {
      String first = lines.next();
      while (first != null && first.isBlank()) {
        first = lines.next();
      }
      if (first != null && first.stripLeading().startsWith("[")) {
        return read(file).stream().map(RelationExample::relation).toList();
      }
    }
    return lines(file, notices);
  }

  /**
   * A relation a line.
   *
   * @param notices is told what is worth knowing of the file
   * @throws FileException if a line is empty or holds blanks; the message names file and line
   * @throws org.mirror4j.text.TextException if the file is absent, empty or not UTF-8
   */
  static List<String> lines(Path file, Consumer<String> notices) {
    List<String> relations = new ArrayList<>();
    TextLines.each(
        file,
        notices,
        (number, line) -> {
          if (!isRelation(line)) {
            throw new FileException(
                "%s:%d: %s, expected a relation alone".formatted(file, number, quote(line)));
          }
          relations.add(line);
        });
    return relations;
  }

  /**
   * The content of a file of a relation a line.
   *
   * @param relations of the examples of a file, in their order
   */
  static byte[] bytes(List<String> relations) {
    return relations.stream()
        .map(relation -> relation + "\n")
        .collect(joining())
        .getBytes(StandardCharsets.UTF_8);
  }
}
