package org.mirror4j.task.answer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.mirror4j.task.Evaluation;
import org.mirror4j.task.Examples;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.text.PackedBatch;

/** Answers to questions as they stand in a passage, and that there is none. */
public final class AnswerExtraction implements FineTunedTask<int[]>, AnswerHead {
  private final AnswerWindows training;
  private final Optional<Evaluation<int[]>> development;

  /** Scores answers by the ids of their questions, and how sure it is that there is none. */
  @FunctionalInterface
  interface Scoring {
    SequencedMap<String, Double> scores(
        SequencedMap<String, String> answers, SequencedMap<String, Double> noAnswer);
  }

  /** Questions that are scored while a model trains. */
  private record Asked(List<Question> questions, AnswerWindows examples, Scoring scoring)
      implements Evaluation<int[]> {
    @Override
    public Collector begin() {
      AnswerChoice choice = new AnswerChoice(examples, questions.size(), 1);
      return new Collector() {
        @Override
        public void add(int[] batch, PackedBatch packed, float[] logits) {
          for (int i = 0; i < batch.length; i++) {
            choice.add(batch[i], logits, packed.cuSeqlens()[i]);
          }
        }

        @Override
        public SequencedMap<String, Double> scores() {
          SequencedMap<String, String> answers = new LinkedHashMap<>();
          SequencedMap<String, Double> noAnswer = new LinkedHashMap<>();
          for (int question = 0; question < questions.size(); question++) {
            Question one = questions.get(question);
            answers.put(one.id(), choice.text(question, one.context()));
            noAnswer.put(one.id(), choice.noAnswer(question));
          }
          return scoring.scores(answers, noAnswer);
        }
      };
    }
  }

  /**
   * A task.
   *
   * @param questions those of {@code development}, in their order; empty where there is none
   */
  AnswerExtraction(
      AnswerWindows training,
      Optional<AnswerWindows> development,
      List<Question> questions,
      Scoring scoring) {
    this.training = training;
    this.development = development.map(windows -> new Asked(questions, windows, scoring));
  }

  @Override
  public Examples<int[]> training() {
    return training;
  }

  @Override
  public Optional<Evaluation<int[]>> development() {
    return development;
  }

  @Override
  public void configure(ObjectNode config) {
    // The two ends have no names there.
  }
}
