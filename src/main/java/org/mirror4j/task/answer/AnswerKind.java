package org.mirror4j.task.answer;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.mirror4j.task.Figure;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.Measure;
import org.mirror4j.task.TaskKind;
import org.mirror4j.text.Tokenizer;

/** Answers to questions about passages to be learned, from files of SQuAD and MRQA. */
public final class AnswerKind implements TaskKind {
  /** Of SpanBERT's released code. */
  private static final int MOST_OF_QUESTION = 64, STRIDE = 128;

  private final String name;
  private final String description;
  private final BiFunction<Path, Consumer<String>, List<Question>> reader;
  private final boolean unanswerable;

  private AnswerKind(
      String name,
      String description,
      BiFunction<Path, Consumer<String>, List<Question>> reader,
      boolean unanswerable) {
    this.name = name;
    this.description = description;
    this.reader = reader;
    this.unanswerable = unanswerable;
  }

  /** SQuAD 1.1 and 2.0, MRQA. */
  public static List<AnswerKind> all() {
    return List.of(
        new AnswerKind(
            "squad-1.1",
            "answers in passages, SQuAD's JSON and XQuAD's",
            AnswerScorer::readAnswerable,
            false),
        new AnswerKind(
            "squad-2.0",
            "the same, where some questions have no answer",
            (file, notices) -> SquadFile.read(file),
            true),
        new AnswerKind("mrqa", "answers in passages, MRQA's JSON lines", MrqaFile::read, false));
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
    AnswerWindows.Sizes sizes = new AnswerWindows.Sizes(maxLength, MOST_OF_QUESTION, STRIDE);
    List<Question> questions = reader.apply(training, notices);
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

  /** F1 first; where there may be no answer, at the threshold that is best for it. */
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
    return scores;
  }
}
