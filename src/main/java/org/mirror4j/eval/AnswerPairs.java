package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.mirror4j.device.Device;
import org.mirror4j.statistics.Cosine;
import org.mirror4j.task.classification.GlueFile;
import org.mirror4j.task.classification.GlueTask;
import org.mirror4j.task.classification.LabelledText;

/** Questions, each with a sentence that answers it or does not; some of both. */
record AnswerPairs(List<AnswerPair> pairs) implements TaskData {
  private static final String ANSWERS = "entailment";
  private static final String DOES_NOT = "not_entailment";

  /** A question and a sentence, and whether this holds the answer. */
  record AnswerPair(String question, String sentence, boolean answers) {}

  AnswerPairs {
    pairs = List.copyOf(pairs);
  }

  /**
   * Reads QNLI in GLUE's form, see {@link GlueFile}.
   *
   * @param notices is told what is worth knowing of the file
   * @throws org.mirror4j.text.TextException if the file is absent, empty or not UTF-8
   * @throws org.mirror4j.file.FileException if it is of another form
   * @throws IllegalArgumentException if all its labels are one
   */
  static AnswerPairs read(Path file, Consumer<String> notices) {
    List<AnswerPair> pairs =
        GlueFile.read(GlueTask.QNLI, file, notices).stream().map(AnswerPairs::pair).toList();
    long answers = pairs.stream().filter(AnswerPair::answers).count();
    if (answers == 0 || answers == pairs.size()) {
      throw new IllegalArgumentException(
          "%s: %d pairs of %s and %d of %s, expected both"
              .formatted(file, answers, ANSWERS, pairs.size() - answers, DOES_NOT));
    }
    return new AnswerPairs(pairs);
  }

  private static AnswerPair pair(LabelledText text) {
    return new AnswerPair(text.first(), text.second().orElseThrow(), text.label().equals(ANSWERS));
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
