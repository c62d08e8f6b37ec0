package org.mirror4j.task.tagging;

import static org.mirror4j.file.FileException.quote;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;
import java.util.function.Consumer;
import org.mirror4j.file.FileException;
import org.mirror4j.text.TextLines;

/**
 * Reads the form of the CoNLL tasks, perhaps gzipped: a word a line, in columns parted by blanks or
 * tabs, the word first and its tag last; an empty line ends a sentence, and so does the line {@code
 * -DOCSTART-} with which CoNLL-2003 parts articles. With one column it is the tag alone.
 */
public final class TagFile {
  /** What stands in the place of a word between two articles. */
  private static final String ARTICLE = "-DOCSTART-";

  private final Path file;
  private final boolean tagged;
  private final List<TaggedSentence> sentences = new ArrayList<>();
  private final List<String> words = new ArrayList<>();
  private final List<String> tags = new ArrayList<>();
  private int first;

  /** Whether there are words beside the tags, which the first line says. */
  private Boolean hasWords;

  /** Columns of the first line; 0 before it. */
  private int columnsBefore;

  private TagFile(Path file, boolean tagged) {
    this.file = file;
    this.tagged = tagged;
  }

  /**
   * The sentences, in order.
   *
   * @param notices is told what is worth knowing of the file
   * @throws FileException if a line lacks its word where others have one, or its tag is none; the
   *     message names file and line
   * @throws org.mirror4j.text.TextException if the file is absent, empty or not UTF-8
   */
  public static List<TaggedSentence> read(Path file, Consumer<String> notices) {
    return read(new TagFile(file, true), notices);
  }

  /**
   * The sentences without their tags: the first column, whatever stands behind it.
   *
   * @throws FileException if a line has another number of columns than the first, as a text has
   *     that is not in columns at all
   * @throws org.mirror4j.text.TextException if the file is absent, empty or not UTF-8
   */
  static List<TaggedSentence> words(Path file, Consumer<String> notices) {
    return read(new TagFile(file, false), notices);
  }

  private static List<TaggedSentence> read(TagFile reader, Consumer<String> notices) {
    Path file = reader.file;
    TextLines.each(file, notices, reader::line);
    reader.endSentence();
    if (reader.sentences.isEmpty()) {
      throw new FileException(
          file + ": no word, expected one a line" + (reader.tagged ? " with its tag" : ""));
    }
    return List.copyOf(reader.sentences);
  }

  private void line(int number, String line) {
    StringTokenizer columns = new StringTokenizer(line, " \t");
    int count = columns.countTokens();
    String word = count == 0 ? "" : columns.nextToken();
    if (count == 0 || word.equals(ARTICLE)) {
      endSentence();
      return;
    }
    first = tags.isEmpty() && words.isEmpty() ? number : first;
    if (!tagged) {
      columnsBefore = columnsBefore == 0 ? count : columnsBefore;
      if (count != columnsBefore) {
        throw new FileException(
            "%s:%d: %d columns, expected %d as before, a word a line"
                .formatted(file, number, count, columnsBefore));
      }
      words.add(word);
      return;
    }
    if (hasWords == null) {
      hasWords = count > 1;
    }
    if (hasWords != count > 1) {
      throw new FileException(
          "%s:%d: %s, expected %s as before"
              .formatted(file, number, quote(line), hasWords ? "a word and its tag" : "a tag"));
    }
    String tag = word;
    while (columns.hasMoreTokens()) {
      tag = columns.nextToken();
    }
    if (!TypedSpan.isTag(tag)) {
      throw new FileException(
          "%s:%d: the tag is %s, expected O, or B, I, E or S with a type, as B-PER"
              .formatted(file, number, quote(tag)));
    }
    if (hasWords) {
      words.add(word);
    }
    tags.add(tag);
  }

  private void endSentence() {
    if (!tags.isEmpty() || !words.isEmpty()) {
      sentences.add(new TaggedSentence(first, words, tags));
      words.clear();
      tags.clear();
    }
  }
}
