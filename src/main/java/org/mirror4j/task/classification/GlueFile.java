package org.mirror4j.task.classification;

import static org.mirror4j.file.FileException.quote;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.mirror4j.file.FileException;
import org.mirror4j.text.Spelling;
import org.mirror4j.text.TextLines;

/**
 * Reads GLUE's files: fields parted by tabs and never quoted, perhaps gzipped. A file of
 * annotations has the columns of its {@link GlueTask}; one of predictions has {@code index} and
 * {@code prediction}, as they are sent to the benchmark. Blank lines are passed over.
 */
public final class GlueFile {
  private static final double HIGHEST_SCORE = 5;

  private final GlueTask task;
  private final Path file;
  private final List<GlueColumns.Form> forms;
  private final List<LabelledText> texts = new ArrayList<>();
  private final SequencedMap<String, Integer> lines = new LinkedHashMap<>();
  private GlueColumns columns;
  private int brokenRows;
  private int firstBroken;

  private GlueFile(GlueTask task, Path file, List<GlueColumns.Form> forms) {
    this.task = task;
    this.file = file;
    this.forms = forms;
  }

  /**
   * The texts of a file, in order. Their ids are those under {@code index}, or where there are none
   * their numbers from 0 on. Broken rows of QQP are left out.
   *
   * @param notices is told what is worth knowing of the file
   * @throws FileException if the file is not of the task, a row has too few or too many fields, an
   *     unknown label or an id of another; the message names file and line
   * @throws org.mirror4j.text.TextException if the file is absent, empty or not UTF-8
   */
  public static List<LabelledText> read(GlueTask task, Path file, Consumer<String> notices) {
    return read(new GlueFile(task, file, task.forms()), notices);
  }

  /**
   * The same without their labels, which may be absent, as in the files of the benchmark's test
   * sets.
   */
  static List<LabelledText> texts(GlueTask task, Path file, Consumer<String> notices) {
    return read(new GlueFile(task, file, task.unlabelledForms()), notices);
  }

  private static List<LabelledText> read(GlueFile glue, Consumer<String> notices) {
    Path file = glue.file;
    TextLines.each(file, notices, glue::line);
    if (glue.brokenRows > 0) {
      notices.accept(
          "%s: %,d rows left out with fewer than %d fields parted by tabs, the first is line %d"
              .formatted(file, glue.brokenRows, glue.columns.count(), glue.firstBroken));
    }
    if (glue.texts.isEmpty()) {
      throw new FileException(file + ": no row below the header, expected one at least");
    }
    return List.copyOf(glue.texts);
  }

  private void line(int number, String line) {
    if (isBlank(line)) {
      return;
    }
    List<String> fields = List.of(line.split("\t", -1));
    if (columns == null) {
      columns = columns(number, fields);
      if (columns.header()) {
        return;
      }
    }
    if (isBroken(fields.size())) {
      firstBroken = brokenRows++ == 0 ? number : firstBroken;
      return;
    }
    String place = file + ":" + number;
    checkCount(place, fields.size(), columns.count(), columns.more());
    String id = columns.index() < 0 ? String.valueOf(texts.size()) : fields.get(columns.index());
    checkFirst(place, id, lines.putIfAbsent(id, number));
    texts.add(
        new LabelledText(
            id,
            fields.get(columns.first()),
            columns.second() < 0 ? Optional.empty() : Optional.of(fields.get(columns.second())),
            columns.label() < 0 ? "" : label(place, fields.get(columns.label()))));
  }

  /** Whether a line is no row: a tab makes fields, even if there is nothing in them. */
  static boolean isBlank(String line) {
    return line.isBlank() && line.indexOf('\t') < 0;
  }

  /** Without labels rows are numbered for the benchmark, which misses none. */
  private boolean isBroken(int fields) {
    return task.hasBrokenRows() && columns.label() >= 0 && fields < columns.count();
  }

  private String label(String place, String label) {
    checkLabel(task, place, "label", label);
    if (task.isRegression()
        && (Double.parseDouble(label) < 0 || Double.parseDouble(label) > HIGHEST_SCORE)) {
      throw new FileException(
          "%s: the score is %s, expected 0 to %.0f".formatted(place, quote(label), HIGHEST_SCORE));
    }
    return label;
  }

  private GlueColumns columns(int number, List<String> first) {
    return forms.stream()
        .map(form -> form.of(first))
        .flatMap(Optional::stream)
        .findFirst()
        .orElseThrow(
            () ->
                new FileException(
                    "%s:%d: %s, expected for %s %s"
                        .formatted(
                            file,
                            number,
                            quote(String.join("\t", first)),
                            task.label(),
                            forms.stream()
                                .map(GlueColumns.Form::expected)
                                .collect(Collectors.joining(", or ")))));
  }

  /**
   * What a system says of texts: a label by id, in the order of the file.
   *
   * @param notices is told what is worth knowing of the file
   * @throws FileException if the file has another header, a row not two fields, an unknown label or
   *     an id of another; the message names file and line
   * @throws org.mirror4j.text.TextException if the file is absent, empty or not UTF-8
   */
  public static SequencedMap<String, String> predictions(
      GlueTask task, Path file, Consumer<String> notices) {
    return PredictionFile.read(
        file, notices, (place, label) -> checkLabel(task, place, "prediction", label));
  }

  static void checkCount(String place, int found, int expected, boolean more) {
    if (found < expected || (found > expected && !more)) {
      throw new FileException(
          "%s: %d fields parted by tabs, expected %s%d"
              .formatted(place, found, more ? "at least " : "", expected));
    }
  }

  /**
   * Refuses an id that stood before.
   *
   * @param before the line where it did; null where there is none
   */
  static void checkFirst(String place, String id, Integer before) {
    if (before != null) {
      throw new FileException(
          "%s: index %s is that of line %d, expected each once"
              .formatted(place, quote(id), before));
    }
  }

  private static void checkLabel(GlueTask task, String place, String what, String label) {
    if (!task.isRegression() && !task.labels().contains(label)) {
      throw new FileException(
          "%s: the %s is %s, expected %s%s"
              .formatted(
                  place,
                  what,
                  quote(label),
                  String.join(" or ", task.labels()),
                  Spelling.hint(FileException.clean(label), task.labels())));
    }
    if (task.isRegression() && !isNumber(label)) {
      throw new FileException(
          "%s: the %s is %s, expected a number".formatted(place, what, quote(label)));
    }
  }

  /** Whether a text is a finite decimal number. */
  static boolean isNumber(String text) {
    return text.matches("[+-]?(\\d{1,100}(\\.\\d{0,100})?|\\.\\d{1,100})([eE][+-]?\\d{1,4})?")
        && Double.isFinite(Double.parseDouble(text));
  }
}
