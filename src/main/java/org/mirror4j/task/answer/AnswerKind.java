package org.mirror4j.task.answer;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.mirror4j.file.FileException;
import org.mirror4j.task.Figure;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.Measure;
import org.mirror4j.task.PredictedKind;
import org.mirror4j.task.PredictedTask;
import org.mirror4j.task.TrainedModel;
import org.mirror4j.text.Tokenizer;

/** Answers to questions about passages, from files of SQuAD and MRQA. */
public final class AnswerKind implements PredictedKind {
  private static final String THRESHOLD = Squad2Scorer.F1_THRESHOLD.title();

  /** Of SpanBERT's released code. */
  private static final int MOST_OF_QUESTION = 64, STRIDE = 128;

  /** Answers to one question that are shown. */
  private static final int SHOWN = 5;

  private final String name;
  private final String description;
  private final BiFunction<Path, Consumer<String>, List<Question>> reader;
  private final BiFunction<Path, Consumer<String>, List<Question>> unansweredReader;
  private final boolean unanswerable;

  /** Given by the user; empty for the one that fine-tuning found. */
  private final OptionalDouble threshold;

  private AnswerKind(
      String name,
      String description,
      BiFunction<Path, Consumer<String>, List<Question>> reader,
      BiFunction<Path, Consumer<String>, List<Question>> unansweredReader,
      boolean unanswerable,
      OptionalDouble threshold) {
    this.name = name;
    this.description = description;
    this.reader = reader;
    this.unansweredReader = unansweredReader;
    this.unanswerable = unanswerable;
    this.threshold = threshold;
  }

  /** SQuAD 1.1 and 2.0, MRQA. */
  public static List<AnswerKind> all() {
    return List.of(
        new AnswerKind(
            "squad-1.1",
            "answers in passages, SQuAD's JSON and XQuAD's",
            AnswerScorer::readAnswerable,
            (file, notices) -> SquadFile.questions(file),
            false,
            OptionalDouble.empty()),
        new AnswerKind(
            "squad-2.0",
            "the same, where some questions have no answer",
            (file, notices) -> SquadFile.read(file),
            (file, notices) -> SquadFile.questions(file),
            true,
            OptionalDouble.empty()),
        new AnswerKind(
            "mrqa",
            "answers in passages, MRQA's JSON lines",
            MrqaFile::read,
            MrqaFile::questions,
            false,
            OptionalDouble.empty()));
  }

  /** Whether some questions have no answer. */
  public boolean takesThreshold() {
    return unanswerable;
  }

  /**
   * The same where there is no answer if its number is above one that is given, not the one that
   * was best for F1 when the model was fine-tuned.
   */
  public AnswerKind with(double number) {
    return new AnswerKind(
        name, description, reader, unansweredReader, unanswerable, OptionalDouble.of(number));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public String recipe() {
    return "answers";
  }

  @Override
  public FineTunedTask<?> read(
      Path training,
      Optional<Path> development,
      Tokenizer tokenizer,
      int maxLength,
      Consumer<String> notices) {
    AnswerWindows.Sizes sizes = sizes(maxLength);
    List<Question> questions = reader.apply(training, notices);
    requireSpans(training, questions);
    AnswerWindows windows = new AnswerWindows(questions, tokenizer, sizes);
    List<Question> asked = development.map(file -> reader.apply(file, notices)).orElse(List.of());
    Optional<AnswerWindows> dev =
        development.map(file -> new AnswerWindows(asked, tokenizer, sizes));
    notices.accept(
        "%s: %,d questions in %,d windows%s"
            .formatted(
                training,
                questions.size(),
                windows.size(),
                dev.map(some -> ", %,d in %,d to score on".formatted(asked.size(), some.size()))
                    .orElse("")));
    return new AnswerExtraction(
        windows, dev, asked, (answers, noAnswer) -> scores(asked, answers, noAnswer));
  }

  /** Where an answer stands: what has none would be learned as a question without an answer. */
  private void requireSpans(Path file, List<Question> questions) {
    for (Question question : questions) {
      if (question.spans().isEmpty() && !(unanswerable && !question.hasAnswer())) {
        throw new FileException(
            "%s: question %s has no place of an answer in its context, expected one to train on"
                .formatted(file, FileException.quote(question.id())));
      }
    }
  }

  private static AnswerWindows.Sizes sizes(int maxLength) {
    return new AnswerWindows.Sizes(maxLength, MOST_OF_QUESTION, STRIDE);
  }

  @Override
  public String className() {
    return AnswerHead.CLASS_NAME;
  }

  @Override
  public String fileName(Path input) {
    return "predictions.json";
  }

  @Override
  public PredictedTask<?> read(
      Path input, boolean annotated, TrainedModel model, Consumer<String> notices) {
    List<Question> questions = (annotated ? reader : unansweredReader).apply(input, notices);
    AnswerWindows windows =
        new AnswerWindows(questions, model.tokenizer(), sizes(model.maxLength()));
    OptionalDouble used = threshold(model);
    notices.accept(
        "%s: %,d questions in %,d windows%s"
            .formatted(
                input,
                questions.size(),
                windows.size(),
                used.isPresent()
                    ? "; no answer where its number is above %s%s"
                        .formatted(used.getAsDouble(), threshold.isPresent() ? "" : source(model))
                    : ""));
    return new PredictedAnswers(questions, windows, used, 1);
  }

  private OptionalDouble threshold(TrainedModel model) {
    if (!unanswerable) {
      return OptionalDouble.empty();
    }
    return threshold.isPresent()
        ? threshold
        : OptionalDouble.of(model.scores().getOrDefault(THRESHOLD, 0.0));
  }

  private static String source(TrainedModel model) {
    return model.scores().containsKey(THRESHOLD)
        ? ", which was best for F1 when the model was fine-tuned"
        : ", as the model says none that was best; --threshold sets it";
  }

  @Override
  public String asked() {
    return "a question and a context";
  }

  @Override
  public PredictedTask<?> ask(List<String> texts, TrainedModel model) {
    if (texts.size() != 2) {
      throw new IllegalArgumentException("%d texts, expected %s".formatted(texts.size(), asked()));
    }
    List<Question> questions =
        List.of(new Question("1", texts.getFirst(), texts.getLast(), List.of(), List.of()));
    return new PredictedAnswers(
        questions,
        new AnswerWindows(questions, model.tokenizer(), sizes(model.maxLength())),
        threshold(model),
        SHOWN);
  }

  /** F1 first; where there may be no answer, at the threshold that is best for it, and that. */
  private SequencedMap<String, Double> scores(
      List<Question> questions,
      SequencedMap<String, String> answers,
      SequencedMap<String, Double> noAnswer) {
    List<Figure> figures =
        unanswerable
            ? Squad2Scorer.best(questions, answers, noAnswer)
            : AnswerScorer.figures(questions, answers);
    SequencedMap<String, Double> scores = new LinkedHashMap<>();
    for (Figure figure : figures.reversed()) {
      if (figure.measure().unit() == Measure.Unit.HUNDREDTHS) {
        scores.put(figure.measure().title(), figure.value());
      }
    }
    if (unanswerable) {
      scores.put(THRESHOLD, Squad2Scorer.threshold(questions, answers, noAnswer));
    }
    return scores;
  }
}
