package org.mirror4j.eval.linking;

import static org.mirror4j.file.FileException.quote;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Annotated texts in the form of PubTator, in which NCBI-disease and BC5CDR are published:
 *
 * <pre>
 * 9949209|t|Title
 * 9949209|a|Abstract
 * 9949209 TAB start TAB end TAB mention TAB type TAB concepts [TAB part|part]
 * 9949209 TAB relation TAB concept TAB concept
 * </pre>
 *
 * with blank lines between documents. Relations are passed over.
 */
public final class PubTator {
  private static final Pattern TEXT = Pattern.compile("\\d+\\|([ta])\\|(.*)");
  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private static final int RELATION = 4;
  private static final int ANNOTATION = 6;

  private final Path file;
  private final Predicate<String> types;
  private final List<Mention> mentions = new ArrayList<>();
  private Abbreviations abbreviations = Abbreviations.of("");
  private String text = "";

  private PubTator(Path file, Predicate<String> types) {
    this.file = file;
    this.types = types;
  }

  /** Whether the lines begin as a file of this form does. */
  public static boolean isOne(List<String> lines) {
    return lines.stream().filter(line -> !line.isBlank()).limit(1).anyMatch(PubTator::isText);
  }

  private static boolean isText(String line) {
    return TEXT.matcher(line).matches();
  }

  /**
   * The mentions, in order: abbreviations that the document explains written out, composite ones
   * taken apart, as the annotators did where the file says so and else by {@link CompositeMention}.
   *
   * @param file for messages
   * @param types which types of mentions to take
   * @throws IllegalArgumentException if a line is of another form; the message begins with file and
   *     line
   */
  public static List<Mention> read(Path file, List<String> lines, Predicate<String> types) {
    PubTator reader = new PubTator(file, types);
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        reader.line(i + 1, lines.get(i));
      }
    }
    return reader.mentions;
  }

  private void line(int number, String line) {
    Matcher part = TEXT.matcher(line);
    if (part.matches()) {
      text = part.group(1).equals("t") ? part.group(2) : text + " " + part.group(2);
      abbreviations = Abbreviations.of(text);
      return;
    }
    String[] fields = line.split("\t", -1);
    boolean isRelation = fields.length == RELATION && !NUMBER.matcher(fields[1]).matches();
    boolean isAnnotation =
        (fields.length == ANNOTATION || fields.length == ANNOTATION + 1)
            && NUMBER.matcher(fields[1]).matches()
            && NUMBER.matcher(fields[2]).matches();
    if (!isRelation && !isAnnotation) {
      throw new IllegalArgumentException(
          "%s:%d: %s, expected PubTator's id|t|title, id|a|abstract or an annotation of %d fields"
              .formatted(file, number, quote(line), ANNOTATION));
    }
    if (isAnnotation && types.test(fields[4])) {
      SequencedSet<String> concepts = Mention.concepts(fields[5]);
      List<String> parts = parts(fields, concepts.size());
      mentions.add(Mention.of(file + ":" + number, line, parts, concepts));
    }
  }

  private List<String> parts(String[] fields, int concepts) {
    List<String> parts =
        fields.length > ANNOTATION && !fields[6].isBlank()
            ? Stream.of(fields[6].split("\\|")).toList()
            : List.of(fields[3]);
    List<String> written = parts.stream().map(abbreviations::expand).toList();
    return written.size() == 1 ? CompositeMention.parts(written.getFirst(), concepts) : written;
  }
}
