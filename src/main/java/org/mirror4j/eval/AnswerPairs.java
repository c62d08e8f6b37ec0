package org.mirror4j.eval;

import static org.mirror4j.file.FileException.quote;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.mirror4j.device.Device;
import org.mirror4j.file.FileException;
import org.mirror4j.statistics.Cosine;
import org.mirror4j.text.TextLines;

/** Questions, each with a sentence that answers it or does not; some of both. */
record AnswerPairs(List<AnswerPair> pairs) implements TaskData {
  private static final String ANSWERS = "entailment";
  private static final String DOES_NOT = "not_entailment";

  /** A question and a sentence, and whether this holds the answer. */
  record AnswerPair(String question, String sentence, boolean answers) {}

  /** Where a row has what. */
  private record Columns(int question, int sentence, int label, int count) {
    static Columns of(Path file, String header) {
      List<String> names = List.of(header.split("\t", -1));
      Columns columns =
          new Columns(
              names.indexOf("question"),
              names.indexOf("sentence"),
              names.indexOf("label"),
              names.size());
      if (columns.question < 0 || columns.sentence < 0 || columns.label < 0) {
        throw new IllegalArgumentException(
            "%s:1: the header is %s, expected the columns question, sentence and label"
                .formatted(file, quote(header)));
      }
      return columns;
    }
  }

  AnswerPairs {
    pairs = List.copyOf(pairs);
  }

  /**
   * Reads GLUE's form: fields separated by tabs and never quoted, a header with {@code question},
   * {@code sentence} and {@code label}, labels {@code entailment} and {@code not_entailment}. Blank
   * lines are passed over.
   *
   * @param notices is told what is worth knowing of the file
   * @throws org.mirror4j.text.TextException if the file is absent, empty or not UTF-8
   * @throws FileException if it cannot be read
   * @throws IllegalArgumentException if it does not fit, or all its labels are one
   */
  static AnswerPairs read(Path file, Consumer<String> notices) {
    List<String> lines = TextLines.read(file, notices);
    Columns columns = Columns.of(file, lines.getFirst());
    List<AnswerPair> pairs = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        pairs.add(pair(file + ":" + (i + 1), columns, lines.get(i)));
      }
    }
    long answers = pairs.stream().filter(AnswerPair::answers).count();
    if (answers == 0 || answers == pairs.size()) {
      throw new IllegalArgumentException(
          "%s: %d pairs of %s and %d of %s, expected both"
              .formatted(file, answers, ANSWERS, pairs.size() - answers, DOES_NOT));
    }
    return new AnswerPairs(pairs);
  }

  private static AnswerPair pair(String place, Columns columns, String line) {
    String[] fields = line.split("\t", -1);
    if (fields.length != columns.count) {
      throw new IllegalArgumentException(
          "%s: %d fields, expected %d as the header has"
              .formatted(place, fields.length, columns.count));
    }
    String label = fields[columns.label];
    if (!label.equals(ANSWERS) && !label.equals(DOES_NOT)) {
      throw new IllegalArgumentException(
          "%s: the label is %s, expected %s or %s"
              .formatted(place, quote(label), ANSWERS, DOES_NOT));
    }
    return new AnswerPair(
        fields[columns.question], fields[columns.sentence], label.equals(ANSWERS));
  }

  @Override
  public boolean arePairs() {
    return true;
  }

  @Override
  public List<String> texts() {
    return pairs.stream().flatMap(pair -> Stream.of(pair.question(), pair.sentence())).toList();
  }

  @Override
  public Optional<Measurement.Measure> quality() {
    return Optional.of(Measurement.Measure.AUC);
  }

  /** {@link RocCurve#area} of the cosines. */
  @Override
  public List<Measurement> measure(String task, Device device, MeasuredEncoder encoder) {
    double[] cosines = new double[pairs.size()];
    boolean[] answers = new boolean[pairs.size()];
    try (EmbeddedTexts embedded = EmbeddedTexts.embed(encoder, texts())) {
      for (int i = 0; i < cosines.length; i++) {
        AnswerPair pair = pairs.get(i);
        cosines[i] =
            Cosine.similarity(embedded.vector(pair.question()), embedded.vector(pair.sentence()));
        answers[i] = pair.answers();
      }
    }
    return List.of(
        new Measurement(
            task, Measurement.Measure.AUC, 100 * RocCurve.area(cosines, answers), pairs.size(), 0));
  }
}
