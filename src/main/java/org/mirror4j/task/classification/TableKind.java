package org.mirror4j.task.classification;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.task.Figure;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.LabelNames;
import org.mirror4j.task.PredictedKind;
import org.mirror4j.task.PredictedTask;
import org.mirror4j.task.Scorer;
import org.mirror4j.task.TaskKind;
import org.mirror4j.task.TrainedModel;
import org.mirror4j.text.Spelling;
import org.mirror4j.text.Tokenizer;

/**
 * Labels, or numbers, of texts or pairs in one's own table. Which columns hold what is said {@link
 * #with}; a model keeps what it was trained with.
 */
public final class TableKind implements PredictedKind {
  private final boolean regression;
  private final TableColumns columns;

  private TableKind(boolean regression, TableColumns columns) {
    this.regression = regression;
    this.columns = columns;
  }

  /** {@code classification} and {@code regression}. */
  public static List<TableKind> all() {
    return List.of(new TableKind(false, TableColumns.NONE), new TableKind(true, TableColumns.NONE));
  }

  static String name(boolean regression) {
    return regression ? "regression" : "classification";
  }

  /** The same for these columns; to be trained with, text and label have been said. */
  public TableKind with(TableColumns some) {
    return new TableKind(regression, some);
  }

  @Override
  public String name() {
    return name(regression);
  }

  @Override
  public String description() {
    return "%s in one's own TSV or CSV".formatted(regression ? "a number" : "a label");
  }

  @Override
  public String recipe() {
    return "classification";
  }

  @Override
  public SequencedMap<String, String> options() {
    return columns.options();
  }

  @Override
  public TaskKind withOptions(ObjectNode options) {
    return with(JsonRecords.with(columns, options, name()));
  }

  @Override
  public FineTunedTask<?> read(
      Path training,
      Optional<Path> development,
      Tokenizer tokenizer,
      int maxLength,
      Consumer<String> notices) {
    requireSaid("text", columns.text());
    requireSaid("label", columns.label());
    List<LabelledText> texts =
        TableFile.texts(training, columns, TableScorer.check(regression), notices);
    if (!regression) {
      DifferentLabels.requireToLearn(training, texts);
    }
    TreeSet<String> found = new TreeSet<>();
    texts.forEach(text -> found.add(text.label()));
    LabelNames labels = new LabelNames(List.copyOf(found));
    Optional<List<LabelledText>> dev =
        development.map(file -> scored(file, columns, labels, training.toString(), notices));
    notices.accept(
        "%s: %,d texts%s%s"
            .formatted(
                training,
                texts.size(),
                regression ? "" : " with %,d different labels".formatted(labels.size()),
                dev.map(some -> ", %,d to score on".formatted(some.size())).orElse("")));
    Function<List<String>, SequencedMap<String, Double>> scores =
        said -> scores(development.orElseThrow(), dev.orElseThrow(), said);
    return regression
        ? new TextRegression(texts, dev, tokenizer, maxLength, scores)
        : new TextClassification(labels, texts, dev, tokenizer, maxLength, scores);
  }

  private void requireSaid(String what, Optional<String> column) {
    if (column.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: '%s' missing, expected the name of a column".formatted(name(), what));
    }
  }

  /**
   * Texts whose labels a head knows.
   *
   * @param source where it has them from, for messages
   */
  private List<LabelledText> scored(
      Path file, TableColumns used, LabelNames labels, String source, Consumer<String> notices) {
    List<LabelledText> texts =
        TableFile.texts(
            file,
            used,
            regression
                ? TableScorer.check(true)
                : (place, label) -> checkKnown(place, label, labels, source),
            notices);
    if (regression) {
      DifferentLabels.requireToCorrelate(file, texts);
    }
    return texts;
  }

  private static void checkKnown(String place, String label, LabelNames labels, String source) {
    if (!labels.has(label)) {
      throw new FileException(
          "%s: the label is %s, expected one of %s: %s%s"
              .formatted(
                  place,
                  FileException.quote(label),
                  source,
                  FileException.some(
                      ", ", labels.names().stream().map(FileException::clean).toList()),
                  Spelling.hint(FileException.clean(label), labels.names())));
    }
  }

  private SequencedMap<String, Double> scores(
      Path file, List<LabelledText> texts, List<String> said) {
    SequencedMap<String, Double> scores = new LinkedHashMap<>();
    List<String> labels = texts.stream().map(LabelledText::label).toList();
    for (Figure figure : TableScorer.figures(regression, file, labels, said)) {
      if (figure.part().isEmpty()) {
        scores.put(figure.measure().title(), figure.value());
      }
    }
    return scores;
  }

  @Override
  public String className() {
    return LabelHead.CLASS_NAME;
  }

  @Override
  public String fileName(Path input) {
    return "predictions.tsv";
  }

  /** What has been said, and for the rest what the model was trained with. */
  private TableColumns columns(TrainedModel model) {
    return columns.orElse(model.run().map(TableColumns::of).orElse(TableColumns.NONE));
  }

  private static String required(Optional<String> column, String option) {
    return column.orElseThrow(
        () ->
            new IllegalArgumentException(
                "the model does not say which column that is, expected %s COLUMN"
                    .formatted(option)));
  }

  @Override
  public PredictedTask<?> read(
      Path input, boolean annotated, TrainedModel model, Consumer<String> notices) {
    TableColumns used = columns(model);
    required(used.text(), "--text");
    if (annotated) {
      required(used.label(), "--label");
    }
    List<LabelledText> texts =
        annotated
            ? scored(input, used, model.labels(), model.file(), notices)
            : TableFile.texts(input, used, null, notices);
    notices.accept("%s: %,d texts".formatted(input, texts.size()));
    return predicted(texts, model);
  }

  /** Scores what a model says of such a file. */
  public Scorer scorer(TrainedModel model) {
    return TableScorer.all()
        .get(regression ? 1 : 0)
        .with(required(columns(model).label(), "--label"));
  }

  private PredictedTask<?> predicted(List<LabelledText> texts, TrainedModel model) {
    if (!regression) {
      model.labels().names().forEach(label -> TableScorer.check(false).check(model.file(), label));
    }
    return regression
        ? AskedTexts.numbers(texts, model)
        : AskedTexts.labels(texts, model.labels(), model);
  }

  @Override
  public String asked() {
    return "one text, or two of a pair";
  }

  /** Of a model that does not say whether it takes pairs, as many as there are. */
  @Override
  public PredictedTask<?> ask(List<String> texts, TrainedModel model) {
    TableColumns trained = model.run().map(TableColumns::of).orElse(TableColumns.NONE);
    boolean pair = trained.text().isPresent() ? trained.pair().isPresent() : texts.size() == 2;
    return predicted(List.of(AskedTexts.of(texts, pair)), model);
  }
}
