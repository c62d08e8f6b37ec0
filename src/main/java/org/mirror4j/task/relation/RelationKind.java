package org.mirror4j.task.relation;

import static org.mirror4j.file.FileException.quote;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.task.Evaluation;
import org.mirror4j.task.Figure;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.LabelNames;
import org.mirror4j.task.Measure;
import org.mirror4j.task.PredictedKind;
import org.mirror4j.task.PredictedTask;
import org.mirror4j.task.TaskKind;
import org.mirror4j.task.TrainedModel;
import org.mirror4j.task.classification.LabelHead;
import org.mirror4j.text.Tokenizer;

/** Relations between two entities of a sentence: TACRED, SemEval-2010 task 8. */
public final class RelationKind implements PredictedKind {
  private final RelationData data;
  private final EntityMarking marking;

  /** Symbols that a model knows already, with their pieces. */
  private final Map<String, String> learned;

  /**
   * What may be said of it beside the names of its files.
   *
   * @param marking of entities
   */
  private record Options(EntityMarking marking) {}

  private RelationKind(RelationData data, EntityMarking marking, Map<String, String> learned) {
    this.data = data;
    this.marking = marking;
    this.learned = learned;
  }

  /** TACRED, and SemEval-2010 task 8. */
  public static List<RelationKind> all() {
    return Stream.of(new TacredData(), new SemEvalData())
        .map(data -> new RelationKind(data, data.markings().getFirst(), Map.of()))
        .toList();
  }

  @Override
  public String name() {
    return data.name();
  }

  @Override
  public String description() {
    return data.description();
  }

  @Override
  public String recipe() {
    return "relation";
  }

  @Override
  public SequencedMap<String, String> options() {
    return new LinkedHashMap<>(Map.of("marking", JsonRecords.label(marking)));
  }

  @Override
  public TaskKind withOptions(ObjectNode options) {
    return marked(JsonRecords.with(new Options(marking), options, name()).marking());
  }

  /** How entities can be marked, the default first. */
  public List<EntityMarking> markings() {
    return data.markings();
  }

  /**
   * The same with entities marked in one of these ways.
   *
   * @throws IllegalArgumentException if it is none of {@link #markings}
   */
  public RelationKind marked(EntityMarking with) {
    if (!data.markings().contains(with)) {
      throw new IllegalArgumentException(
          "%s: 'marking' is %s, expected %s"
              .formatted(name(), JsonRecords.label(with), labels(markings())));
    }
    return new RelationKind(data, with, learned);
  }

  /** Entities keep the symbols that the model has learned, whatever the files have first. */
  @Override
  public TaskKind goingOnFrom(ObjectNode config, String file) {
    return new RelationKind(data, marking, EntitySymbols.learned(config, file));
  }

  @Override
  public FineTunedTask<?> read(
      Path training,
      Optional<Path> development,
      Tokenizer tokenizer,
      int maxLength,
      Consumer<String> notices) {
    List<RelationExample> sentences = data.read(training, true, notices);
    LabelNames labels = labels(training, sentences);
    Optional<List<RelationExample>> dev = development.map(file -> data.read(file, true, notices));
    notices.accept(
        "%s: %,d sentences with %d relations and %s%s"
            .formatted(
                training,
                sentences.size(),
                labels.size() - 1,
                data.negative(),
                dev.map(some -> ", %,d to score on".formatted(some.size())).orElse("")));
    EntitySymbols symbols = EntitySymbols.of(marking, learned, sentences);
    SentenceMarker marker = new SentenceMarker(symbols, tokenizer);
    RelationExamples examples =
        new RelationExamples(training, sentences, labels, marker, maxLength, notices);
    Optional<Evaluation<int[]>> evaluation =
        dev.map(
            some -> {
              Path file = development.orElseThrow();
              Function<List<String>, SequencedMap<String, Double>> scores =
                  said -> scores(some, said);
              compare(training, labels, file, some, scores, notices);
              return new RelationEvaluation(
                  new RelationExamples(file, some, labels, marker, maxLength, notices),
                  labels,
                  scores);
            });
    return new RelationClassification(labels, symbols, examples, evaluation);
  }

  @Override
  public String className() {
    return LabelHead.CLASS_NAME;
  }

  @Override
  public String fileName(Path input) {
    return data.fileName();
  }

  @Override
  public PredictedTask<?> read(
      Path input, boolean annotated, TrainedModel model, Consumer<String> notices) {
    List<RelationExample> sentences = data.read(input, annotated, notices);
    notices.accept("%s: %,d sentences".formatted(input, sentences.size()));
    LabelNames labels = labels(model);
    SentenceMarker marker = new SentenceMarker(symbols(model), model.tokenizer());
    return new PredictedRelations(
        labels,
        new RelationExamples(input, sentences, labels, marker, model.maxLength(), notices),
        said -> data.file(sentences, said));
  }

  @Override
  public String asked() {
    return data.asked();
  }

  @Override
  public PredictedTask<?> ask(List<String> texts, TrainedModel model) {
    if (texts.size() != 1) {
      throw new IllegalArgumentException("%d texts, expected %s".formatted(texts.size(), asked()));
    }
    RelationExample sentence = data.ask(texts.getFirst());
    LabelNames labels = labels(model);
    SentenceMarker marker = new SentenceMarker(symbols(model), model.tokenizer());
    marker.require(sentence, model.maxLength());
    return new PredictedRelations(
        labels,
        new RelationExamples(
            Path.of(""), List.of(sentence), labels, marker, model.maxLength(), notice -> {}),
        said -> data.file(List.of(sentence), said));
  }

  /** Those of the model, in its order. */
  private LabelNames labels(TrainedModel model) {
    model.requireProblem(LabelHead.PROBLEM);
    LabelNames labels = model.labels();
    for (String label : labels.names()) {
      if (!data.isLabel(label)) {
        throw new FileException(
            "%s: id2label has %s, expected relations of %s"
                .formatted(model.file(), quote(label), data.name()));
      }
    }
    if (!labels.has(data.negative())) {
      throw new FileException(
          "%s: id2label has no %s, expected it among relations of %s"
              .formatted(model.file(), data.negative(), data.name()));
    }
    return labels;
  }

  /** Those that the model was trained with, whatever is the default. */
  private EntitySymbols symbols(TrainedModel model) {
    EntitySymbols symbols = EntitySymbols.of(model.config(), model.file());
    if (!data.markings().contains(symbols.marking())) {
      throw new FileException(
          "%s: entities are marked as %s, expected for %s %s"
              .formatted(
                  model.file(),
                  JsonRecords.label(symbols.marking()),
                  data.name(),
                  labels(data.markings())));
    }
    return symbols;
  }

  private static String labels(List<EntityMarking> markings) {
    return String.join(", ", markings.stream().map(JsonRecords::label).toList());
  }

  /**
   * That there is no relation, and then all others, those that more sentences have first, and of as
   * many the one that stands first.
   */
  private LabelNames labels(Path file, List<RelationExample> sentences) {
    SequencedMap<String, Integer> counts = new LinkedHashMap<>();
    sentences.forEach(sentence -> counts.merge(sentence.relation(), 1, Integer::sum));
    counts.remove(data.negative());
    if (counts.isEmpty()) {
      throw new FileException(
          "%s: all sentences have %s, expected one at least with a relation"
              .formatted(file, data.negative()));
    }
    List<String> labels = new ArrayList<>(List.of(data.negative()));
    counts.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .forEach(relation -> labels.add(relation.getKey()));
    return new LabelNames(labels);
  }

  /**
   * Tells which relations of a dev set cannot be learned, and what it scores to say always the
   * same.
   *
   * @throws FileException if none can be learned
   */
  private void compare(
      Path training,
      LabelNames labels,
      Path file,
      List<RelationExample> sentences,
      Function<List<String>, SequencedMap<String, Double>> scores,
      Consumer<String> notices) {
    List<String> there =
        sentences.stream()
            .map(RelationExample::relation)
            .filter(relation -> !relation.equals(data.negative()))
            .distinct()
            .sorted()
            .toList();
    List<String> unknown = there.stream().filter(relation -> !labels.has(relation)).toList();
    String some = FileException.some(", ", unknown.stream().map(FileException::quote).toList());
    if (there.isEmpty()) {
      throw new FileException(
          "%s: all sentences have %s, expected one at least with a relation"
              .formatted(file, data.negative()));
    }
    if (unknown.size() == there.size()) {
      throw new FileException(
          "%s: %s, expected relations of %s, which has %s"
              .formatted(
                  file,
                  some,
                  training,
                  FileException.some(
                      ", ", labels.names().stream().map(FileException::clean).toList())));
    }
    if (!unknown.isEmpty()) {
      notices.accept("%s: not in %s and so never said: %s".formatted(file, training, some));
    }
    String commonest = labels.names().get(1);
    notices.accept(
        "%s: F1 is %s where all are said to be %s, and %s where %s, the commonest relation of %s"
            .formatted(
                file,
                constant(sentences.size(), data.negative(), scores),
                data.negative(),
                constant(sentences.size(), commonest, scores),
                quote(commonest),
                training));
  }

  private static String constant(
      int sentences, String relation, Function<List<String>, SequencedMap<String, Double>> scores) {
    return Measure.F1.text(
        scores.apply(Collections.nCopies(sentences, relation)).firstEntry().getValue());
  }

  /** F1 first. */
  private SequencedMap<String, Double> scores(List<RelationExample> sentences, List<String> said) {
    SequencedMap<String, Double> scores = new LinkedHashMap<>();
    List<Figure> figures = data.figures(sentences, said);
    for (Measure measure : List.of(Measure.F1, Measure.PRECISION, Measure.RECALL)) {
      figures.stream()
          .filter(figure -> figure.measure().equals(measure) && figure.part().isEmpty())
          .forEach(figure -> scores.put(measure.title(), figure.value()));
    }
    return scores;
  }
}
