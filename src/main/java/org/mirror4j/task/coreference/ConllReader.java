package org.mirror4j.task.coreference;

import static org.mirror4j.file.FileException.quote;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mirror4j.file.FileException;
import org.mirror4j.text.LineReader;
import org.mirror4j.text.TextException;

/**
 * Reads documents in the columns of CoNLL-2012 (Pradhan et al. 2012, section 4.3): a word a line,
 * an empty line after each sentence, each document between {@code #begin document (NAME); part NNN}
 * and {@code #end document}, columns apart by blanks.
 *
 * <p>The last column has the chains. The fourth has the word in files of at least {@value
 * #COLUMNS_WITH_WORD} columns, the tenth the speaker in those of at least {@value
 * #COLUMNS_WITH_SPEAKER}; the others are not looked at. As the columns of predicates' arguments
 * differ from sentence to sentence, a sentence has as many columns as its first word. OntoGUM and
 * LitBank are published so, and the scorer's own test cases, which have five columns or two.
 */
public final class ConllReader {
  private static final int COLUMNS_WITH_WORD = 5;
  private static final int COLUMNS_WITH_SPEAKER = 12;
  private static final int MAX_CHARACTERS = 1_000_000;
  private static final Pattern BEGIN =
      Pattern.compile("#\\s*begin document \\((.*)\\);(?:\\s*part\\s+(\\S+))?\\s*");
  private static final Pattern END = Pattern.compile("#\\s*end document\\s*");
  private static final Pattern BLANKS = Pattern.compile("[ \t]+");

  private final LineReader lines;
  private final Set<String> titles = new HashSet<>();

  private final boolean annotated;

  private ConllReader(LineReader lines, boolean annotated) {
    this.lines = lines;
    this.annotated = annotated;
  }

  /** Whether a line is the first of a document. */
  static boolean beginsDocument(String line) {
    return BEGIN.matcher(line).matches();
  }

  /**
   * The documents of a file, unpacked where it is packed with gzip.
   *
   * @param notices is told what is worth knowing of the file
   * @throws TextException if it is absent, no such file, or has a document twice
   * @throws FileException if it cannot be read
   */
  public static List<CoreferenceDocument> read(Path file, Consumer<String> notices) {
    return read(file, true, notices);
  }

  /** The same without chains: the last column may hold anything and is not looked at. */
  static List<CoreferenceDocument> words(Path file, Consumer<String> notices) {
    return read(file, false, notices);
  }

  private static List<CoreferenceDocument> read(
      Path file, boolean annotated, Consumer<String> notices) {
    List<CoreferenceDocument> documents = new ArrayList<>();
    try (LineReader lines = new LineReader(List.of(file), MAX_CHARACTERS)) {
      ConllReader reader = new ConllReader(lines, annotated);
      for (CoreferenceDocument next = reader.next(); next != null; next = reader.next()) {
        documents.add(next);
      }
      lines.notices().forEach(notices);
    }
    if (documents.isEmpty()) {
      throw new TextException(
          "%s: no document, expected #begin document (NAME); part NNN".formatted(file));
    }
    return documents;
  }

  /** The next document, null where there is none. */
  private CoreferenceDocument next() {
    String line = line();
    while (line != null && line.isBlank()) {
      line = line();
    }
    if (line == null) {
      return null;
    }
    Matcher begin = BEGIN.matcher(line);
    if (!begin.matches()) {
      throw new TextException(
          "%s: found %s, expected #begin document (NAME); part NNN"
              .formatted(lines.place(), quote(line)));
    }
    String place = lines.place();
    String part = begin.group(2) == null ? "" : begin.group(2);
    CoreferenceDocument document =
        new CoreferenceDocument(begin.group(1), part, List.of(), List.of());
    if (!titles.add(document.title())) {
      throw new TextException(
          "%s: document %s begins a second time, expected it once"
              .formatted(place, quote(document.title())));
    }
    ChainColumn column = new ChainColumn();
    List<CoreferenceDocument.Sentence> sentences = sentences(column, place);
    return new CoreferenceDocument(document.name(), part, sentences, column.chains());
  }

  private List<CoreferenceDocument.Sentence> sentences(ChainColumn column, String place) {
    List<CoreferenceDocument.Sentence> sentences = new ArrayList<>();
    List<String> words = new ArrayList<>();
    List<String> speakers = new ArrayList<>();
    int columns = 0;
    while (true) {
      String line = line();
      if (line == null) {
        throw new TextException(
            "%s: the document begins, expected #end document before the end of the file"
                .formatted(place));
      }
      boolean end = END.matcher(line).matches();
      if (end || line.isBlank()) {
        if (!words.isEmpty()) {
          sentences.add(new CoreferenceDocument.Sentence(words, speakers));
          words.clear();
          speakers.clear();
        }
        if (end) {
          return sentences;
        }
        continue;
      }
      if (BEGIN.matcher(line).matches()) {
        throw new TextException(
            "%s: found %s, expected #end document first".formatted(lines.place(), quote(line)));
      }
      String[] fields = BLANKS.split(line.strip());
      columns = words.isEmpty() ? fields.length : columns;
      if (fields.length < 2 || fields.length != columns) {
        throw new TextException(
            "%s: the number of columns is %d, expected %s"
                .formatted(
                    lines.place(),
                    fields.length,
                    columns < 2 ? "at least 2" : columns + ", as at the sentence's first word"));
      }
      words.add(columns < COLUMNS_WITH_WORD ? "" : fields[3]);
      speakers.add(columns < COLUMNS_WITH_SPEAKER ? none() : speaker(fields[9]));
      column.next(annotated ? fields[columns - 1] : "-", lines.place());
    }
  }

  private static String speaker(String field) {
    return field.equals("_") ? none() : field;
  }

  private static String none() {
    return CoreferenceDocument.NO_SPEAKER;
  }

  private String line() {
    String line = lines.next();
    if (lines.invalidLines() > 0) {
      throw new TextException(lines.place() + ": not UTF-8");
    }
    if (lines.cutLines() > 0) {
      throw new TextException(
          "%s: longer than %,d characters".formatted(lines.place(), MAX_CHARACTERS));
    }
    return line;
  }
}
