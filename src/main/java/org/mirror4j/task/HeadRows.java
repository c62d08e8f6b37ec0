package org.mirror4j.task;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.IntStream;
import org.mirror4j.file.FileException;

/**
 * What the rows of a head stand for: a head goes on only where they stand for the same.
 *
 * @param what they are, in the plural
 * @param names in the order of the rows; empty where nothing is said of them
 */
public record HeadRows(String what, List<String> names) {
  /** Copies the list. */
  public HeadRows {
    names = List.copyOf(names);
  }

  /** The names of {@code id2label}; those that transformers makes up say nothing. */
  public static HeadRows labels(JsonNode config) {
    JsonNode labels = config.path("id2label");
    List<String> names =
        IntStream.range(0, labels.size())
            .mapToObj(number -> labels.path(String.valueOf(number)).asText())
            .toList();
    boolean madeUp =
        IntStream.range(0, names.size()).allMatch(i -> names.get(i).equals("LABEL_" + i));
    return new HeadRows("labels", madeUp ? List.of() : names);
  }

  /** Whether both say what rows stand for, and not the same. */
  public boolean differ(HeadRows other) {
    return !names.isEmpty() && !other.names.isEmpty() && !names.equals(other.names);
  }

  /** For messages: quoted, a few of many. */
  public String told() {
    return FileException.some(", ", names.stream().map(FileException::quote).toList());
  }
}
