package org.mirror4j.task.tagging;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.mirror4j.file.FileException;
import org.mirror4j.task.Figure;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.LabelNames;
import org.mirror4j.task.Measure;
import org.mirror4j.task.PredictedKind;
import org.mirror4j.task.PredictedTask;
import org.mirror4j.task.TrainedModel;
import org.mirror4j.text.Tokenizer;

/** Tags of words, from files of CoNLL's columns. */
public final class TaggingKind implements PredictedKind {
  @Override
  public String name() {
    return "tagging";
  }

  @Override
  public String description() {
    return "a tag for each word, CoNLL's columns with BIO tags";
  }

  @Override
  public String recipe() {
    return "tagging";
  }

  @Override
  public FineTunedTask<?> read(
      Path training,
      Optional<Path> development,
      Tokenizer tokenizer,
      int maxLength,
      Consumer<String> notices) {
    List<TaggedSentence> sentences = words(training, notices);
    TreeSet<String> tags = new TreeSet<>();
    sentences.forEach(sentence -> tags.addAll(sentence.tags()));
    if (tags.size() < 2) {
      throw new FileException(
          "%s: all words have the tag %s, expected two different ones at least"
              .formatted(training, tags.first()));
    }
    LabelNames labels = new LabelNames(List.copyOf(tags));
    Optional<List<TaggedSentence>> dev = development.map(file -> words(file, notices));
    TreeSet<String> unknown = new TreeSet<>();
    dev.ifPresent(some -> some.forEach(sentence -> unknown.addAll(sentence.tags())));
    unknown.removeAll(tags);
    if (!unknown.isEmpty()) {
      notices.accept(
          "%s: tags that no word of %s has, and that cannot be found: %s"
              .formatted(
                  development.orElseThrow(),
                  training,
                  FileException.some(", ", List.copyOf(unknown))));
    }
    notices.accept(
        "%s: %,d sentences with %d different tags%s"
            .formatted(
                training,
                sentences.size(),
                tags.size(),
                dev.map(some -> ", %,d to score on".formatted(some.size())).orElse("")));
    return new WordTagging(
        labels, sentences, dev, tokenizer, maxLength, said -> scores(dev.orElseThrow(), said));
  }

  private static List<TaggedSentence> words(Path file, Consumer<String> notices) {
    List<TaggedSentence> sentences = TagFile.read(file, notices);
    if (sentences.getFirst().words().isEmpty()) {
      throw new FileException(file + ": tags alone, expected a word and its tag a line");
    }
    return sentences;
  }

  @Override
  public String className() {
    return TagHead.CLASS_NAME;
  }

  @Override
  public String fileName(Path input) {
    return "predictions.conll";
  }

  @Override
  public PredictedTask<?> read(
      Path input, boolean annotated, TrainedModel model, Consumer<String> notices) {
    List<TaggedSentence> sentences =
        annotated ? words(input, notices) : TagFile.words(input, notices);
    notices.accept("%s: %,d sentences".formatted(input, sentences.size()));
    return predicted(sentences, model);
  }

  private static PredictedTask<?> predicted(List<TaggedSentence> sentences, TrainedModel model) {
    LabelNames labels = model.labels();
    for (String tag : labels.names()) {
      if (!TypedSpan.isTag(tag)) {
        throw new FileException(
            "%s: id2label has %s, expected O, or B, I, E or S with a type, as B-PER"
                .formatted(model.file(), FileException.quote(tag)));
      }
    }
    return new PredictedTags(
        sentences,
        new TaggingExamples(sentences, labels, model.tokenizer(), model.maxLength()),
        labels);
  }

  @Override
  public String asked() {
    return "words parted by blanks";
  }

  @Override
  public PredictedTask<?> ask(List<String> texts, TrainedModel model) {
    List<String> words = List.of(String.join(" ", texts).strip().split("\\s+"));
    if (texts.size() != 1 || words.getFirst().isEmpty()) {
      throw new IllegalArgumentException(
          "%s, expected %s"
              .formatted(texts.size() == 1 ? "no word" : texts.size() + " texts", asked()));
    }
    return predicted(List.of(new TaggedSentence(1, words, List.of())), model);
  }

  private static SequencedMap<String, Double> scores(
      List<TaggedSentence> sentences, List<List<String>> said) {
    SequencedMap<String, Double> scores = new LinkedHashMap<>();
    List<Figure> figures =
        TaggingScorer.figures(sentences.stream().map(TaggedSentence::tags).toList(), said);
    for (Measure measure :
        List.of(Measure.F1, Measure.PRECISION, Measure.RECALL, Measure.ACCURACY)) {
      figures.stream()
          .filter(figure -> figure.measure().equals(measure) && figure.part().isEmpty())
          .forEach(figure -> scores.put(measure.title(), figure.value()));
    }
    return scores;
  }
}
