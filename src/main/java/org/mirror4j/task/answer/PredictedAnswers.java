package org.mirror4j.task.answer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.task.PredictedTask;
import org.mirror4j.task.Predictions;
import org.mirror4j.task.TextSpan;
import org.mirror4j.text.PackedBatch;

/**
 * Questions that are answered.
 *
 * @param threshold where the number of no answer is above it there is none; empty where every
 *     question has an answer
 * @param kept how many answers to a question are looked at
 */
record PredictedAnswers(
    List<Question> questions, AnswerWindows examples, OptionalDouble threshold, int kept)
    implements PredictedTask<int[]>, AnswerHead {
  @Override
  public Predictions begin() {
    AnswerChoice choice = new AnswerChoice(examples, questions.size(), kept);
    return new Predictions() {
      @Override
      public void add(int[] batch, PackedBatch packed, float[] logits) {
        for (int i = 0; i < batch.length; i++) {
          choice.add(batch[i], logits, packed.cuSeqlens()[i]);
        }
      }

      /** {@code {"ID": "answer"}}, an empty text for none. */
      @Override
      public byte[] file() {
        ObjectNode answers = JsonFiles.object();
        for (int i = 0; i < questions.size(); i++) {
          Question question = questions.get(i);
          answers.put(question.id(), hasNone(i) ? "" : choice.text(i, question.context()));
        }
        return JsonFiles.bytes(answers);
      }

      /** {@code {"ID": NUMBER}}. */
      @Override
      public Optional<byte[]> noAnswerFile() {
        if (threshold.isEmpty()) {
          return Optional.empty();
        }
        ObjectNode numbers = JsonFiles.object();
        for (int i = 0; i < questions.size(); i++) {
          numbers.put(questions.get(i).id(), choice.noAnswer(i));
        }
        return Optional.of(JsonFiles.bytes(numbers));
      }

      @Override
      public List<ObjectNode> rows() {
        List<ObjectNode> rows = new ArrayList<>();
        for (AnswerChoice.Candidate candidate : choice.candidates(0)) {
          rows.add(row(choice.span(0, candidate), candidate.probability()));
        }
        // As in the file, where no start has an end to go with.
        if (threshold.isPresent() || rows.isEmpty()) {
          ObjectNode none = row(new TextSpan(0, 0), choice.noAnswerProbability(0));
          rows.add(hasNone(0) ? 0 : rows.size(), none);
        }
        return rows;
      }

      private boolean hasNone(int question) {
        return threshold.isPresent() && choice.noAnswer(question) > threshold.getAsDouble();
      }
    };
  }

  /** Places are counted in code points, as files do. */
  private ObjectNode row(TextSpan span, double probability) {
    String context = questions.getFirst().context();
    return JsonFiles.object()
        .put("answer", span.of(context))
        .put("start", context.codePointCount(0, span.start()))
        .put("end", context.codePointCount(0, span.end()))
        .put("probability", probability);
  }
}
