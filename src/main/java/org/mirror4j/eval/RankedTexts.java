package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;
import org.mirror4j.device.Device;
import org.mirror4j.file.FileException;

/**
 * Texts, such as words, by falling frequency, whose vectors' {@link Geometry} and {@link Isotropy}
 * are measured: those that the encoder makes of each text on its own, not the rows of its word
 * embedding.
 *
 * @param texts at least one, all different
 */
record RankedTexts(List<String> texts) implements TaskData {
  private static final String WHAT =
      "the encoder's vectors, each line a text of its own; not the rows of a word embedding, of"
          + " which table 1 of BERT-flow's paper is";

  RankedTexts {
    texts = List.copyOf(texts);
  }

  /**
   * Reads one text a line, the most frequent first, as {@link TextList#read}. One that comes again
   * is passed over: it would be its own nearest neighbour.
   *
   * @param notices is told what is worth knowing of the file
   * @throws org.mirror4j.text.TextException if the file is absent, empty or not UTF-8
   * @throws FileException if it cannot be read
   * @throws IllegalArgumentException if there is no text in it
   */
  static RankedTexts read(Path file, Consumer<String> notices) {
    List<String> all = TextList.read(file, notices).texts();
    RankedTexts distinct = new RankedTexts(List.copyOf(new LinkedHashSet<>(all)));
    int again = all.size() - distinct.texts.size();
    if (again > 0) {
      notices.accept("%s: lines that repeat one before, passed over: %,d".formatted(file, again));
    }
    int after = distinct.texts.size() - Geometry.end();
    if (after > 0) {
      notices.accept(
          "%s: %,d texts after the first %,d are neighbours of these, but in no band"
              .formatted(file, after, Geometry.end()));
    }
    return distinct;
  }

  /**
   * The values of each band under the name of the task and its ranks; then those of all texts, with
   * the remark of what the vectors are.
   */
  @Override
  public List<Measurement> measure(String task, Device device, MeasuredEncoder encoder) {
    List<Measurement> measurements = new ArrayList<>();
    try (EmbeddedTexts embedded = EmbeddedTexts.embed(encoder, texts)) {
      Geometry geometry = Geometry.of(device, embedded.vectors());
      for (Geometry.Band band : geometry.bands()) {
        measurements.addAll(measurements("%s ranks %s".formatted(task, band.ranks()), band));
      }
      List<Measurement> whole = new ArrayList<>();
      whole.add(
          new Measurement(
              task, Measurement.Measure.MEAN_COSINE, geometry.meanCosine(), texts.size(), 0));
      whole.addAll(Isotropy.of(embedded.vectors(), embedded.rows(texts)).measurements(task));
      whole.forEach(measurement -> measurements.add(measurement.withRemark(WHAT)));
    }
    return measurements;
  }

  private static List<Measurement> measurements(String task, Geometry.Band band) {
    return List.of(
        new Measurement(task, Measurement.Measure.MEAN_NORM, band.meanNorm(), band.size(), 0),
        distance(task, Measurement.Measure.MEAN_DISTANCE_TO_3, band, 3),
        distance(task, Measurement.Measure.MEAN_DISTANCE_TO_5, band, 5),
        distance(task, Measurement.Measure.MEAN_DISTANCE_TO_7, band, 7));
  }

  private static Measurement distance(
      String task, Measurement.Measure measure, Geometry.Band band, int neighbours) {
    double distance = band.meanDistance(neighbours);
    Measurement measurement = new Measurement(task, measure, distance, band.size(), 0);
    return Double.isNaN(distance)
        ? measurement.withRemark("a text has fewer than %d others".formatted(neighbours))
        : measurement;
  }
}
