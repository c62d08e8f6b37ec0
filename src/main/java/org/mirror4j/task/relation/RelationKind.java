package org.mirror4j.task.relation;

import static org.mirror4j.file.FileException.quote;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.mirror4j.file.FileException;
import org.mirror4j.task.Evaluation;
import org.mirror4j.task.Figure;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.LabelNames;
import org.mirror4j.task.Measure;
import org.mirror4j.task.TaskKind;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.text.block.TokenRange;

/** Relations between two entities of a sentence to be learned: TACRED, SemEval-2010 task 8. */
public final class RelationKind implements TaskKind {
  private final Data data;
  private final EntityMarking marking;

  /**
   * A data set.
   *
   * @param name the task's
   * @param description what is learned, and the form of the files
   * @param negative the label that says that there is no relation
   * @param markings how entities can be marked, the default first
   * @param reader of a file
   * @param figures of the relations that are said of sentences, of which those for all count
   */
  private record Data(
      String name,
      String description,
      String negative,
      List<EntityMarking> markings,
      BiFunction<Path, Consumer<String>, List<RelationExample>> reader,
      BiFunction<List<RelationExample>, List<String>, List<Figure>> figures) {}

  private RelationKind(Data data, EntityMarking marking) {
    this.data = data;
    this.marking = marking;
  }

  /** TACRED, and SemEval-2010 task 8, whose entities have no types. */
  public static List<RelationKind> all() {
    return List.of(
        of(
            new Data(
                "tacred",
                "relations of typed entities, TACRED's JSON",
                TacredFile.NO_RELATION,
                List.of(
                    EntityMarking.NER,
                    EntityMarking.TEXT,
                    EntityMarking.TEXT_NER,
                    EntityMarking.NER_TEXT),
                (file, notices) -> apart(file, TacredFile.read(file)),
                (sentences, said) -> TacredScorer.figures(relations(sentences), said))),
        of(
            new Data(
                "semeval-2010-8",
                "relations of two marked entities, SemEval's sentences",
                SemEvalFile.OTHER,
                List.of(EntityMarking.TEXT),
                (file, notices) ->
                    SemEvalFile.read(file, notices).stream().map(SemEvalSentence::example).toList(),
                (sentences, said) ->
                    SemEvalScorer.figures(
                        byId(sentences, relations(sentences)), byId(sentences, said)))));
  }

  private static RelationKind of(Data data) {
    return new RelationKind(data, data.markings.getFirst());
  }

  private static List<String> relations(List<RelationExample> sentences) {
    return sentences.stream().map(RelationExample::relation).toList();
  }

  private static SequencedMap<String, String> byId(
      List<RelationExample> sentences, List<String> said) {
    SequencedMap<String, String> labels = new LinkedHashMap<>();
    for (int i = 0; i < said.size(); i++) {
      labels.put(sentences.get(i).id(), said.get(i));
    }
    return labels;
  }

  /** A scorer does not ask where entities are, but no marking can show two of the same words. */
  private static List<RelationExample> apart(Path file, List<RelationExample> sentences) {
    for (RelationExample sentence : sentences) {
      TokenRange subject = sentence.subject();
      TokenRange object = sentence.object();
      if (subject.from() < object.to() && object.from() < subject.to()) {
        throw new FileException(
            ("%s: example %s: 'subj_start' is %d and 'subj_end' %d, 'obj_start' %d and 'obj_end'"
                    + " %d, expected entities that do not overlap")
                .formatted(
                    file,
                    quote(sentence.id()),
                    subject.from(),
                    subject.to() - 1,
                    object.from(),
                    object.to() - 1));
      }
    }
    return sentences;
  }

  @Override
  public String name() {
    return data.name;
  }

  @Override
  public String description() {
    return data.description;
  }

  @Override
  public String recipe() {
    return "relation";
  }

  /** How entities can be marked, the default first. */
  public List<EntityMarking> markings() {
    return data.markings;
  }

  /**
   * The same with entities marked in one of these ways.
   *
   * @throws IllegalArgumentException if it is none of {@link #markings}
   */
  public RelationKind marked(EntityMarking with) {
    if (!data.markings.contains(with)) {
      throw new IllegalArgumentException("%s is marked as %s".formatted(data.name, data.markings));
    }
    return new RelationKind(data, with);
  }

  @Override
  public FineTunedTask<?> read(
      Path training,
      Optional<Path> development,
      Tokenizer tokenizer,
      int maxLength,
      Consumer<String> notices) {
    List<RelationExample> sentences = data.reader.apply(training, notices);
    LabelNames labels = labels(training, sentences);
    Optional<List<RelationExample>> dev = development.map(file -> data.reader.apply(file, notices));
    notices.accept(
        "%s: %,d sentences with %d relations and %s%s"
            .formatted(
                training,
                sentences.size(),
                labels.size() - 1,
                data.negative,
                dev.map(some -> ", %,d to score on".formatted(some.size())).orElse("")));
    EntitySymbols symbols = EntitySymbols.of(marking, sentences);
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

  /**
   * That there is no relation, and then all others, those that more sentences have first, and of as
   * many the one that stands first.
   */
  private LabelNames labels(Path file, List<RelationExample> sentences) {
    SequencedMap<String, Integer> counts = new LinkedHashMap<>();
    sentences.forEach(sentence -> counts.merge(sentence.relation(), 1, Integer::sum));
    counts.remove(data.negative);
    if (counts.isEmpty()) {
      throw new FileException(
          "%s: all sentences have %s, expected one at least with a relation"
              .formatted(file, data.negative));
    }
    List<String> labels = new ArrayList<>(List.of(data.negative));
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
        relations(sentences).stream()
            .filter(relation -> !relation.equals(data.negative))
            .distinct()
            .sorted()
            .toList();
    List<String> unknown = there.stream().filter(relation -> !labels.has(relation)).toList();
    String some = FileException.some(", ", unknown.stream().map(FileException::quote).toList());
    if (there.isEmpty()) {
      throw new FileException(
          "%s: all sentences have %s, expected one at least with a relation"
              .formatted(file, data.negative));
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
                constant(sentences.size(), data.negative, scores),
                data.negative,
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
    List<Figure> figures = data.figures.apply(sentences, said);
    for (Measure measure : List.of(Measure.F1, Measure.PRECISION, Measure.RECALL)) {
      figures.stream()
          .filter(figure -> figure.measure().equals(measure) && figure.part().isEmpty())
          .forEach(figure -> scores.put(measure.title(), figure.value()));
    }
    return scores;
  }
}
