package org.mirror4j.task;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** A task of which a fine-tuned model can be asked: how texts are read for it. */
public interface PredictedKind extends TaskKind {
  /** What the class of transformers is called after the family, {@code ForTokenClassification}. */
  String className();

  /**
   * What the file of predictions is called where only its directory is said.
   *
   * @param input what is read
   */
  String fileName(Path input);

  /**
   * Reads a file.
   *
   * @param annotated whether it has to have what is predicted, as it will be scored; else that may
   *     be absent and is not looked at
   * @param model that will be asked
   * @param notices is told what is worth knowing of the file
   * @throws RuntimeException naming file and line of what cannot be used, or what of the head is of
   *     another task
   */
  PredictedTask<?> read(
      Path input, boolean annotated, TrainedModel model, Consumer<String> notices);

  /** What is asked of one text, for messages: {@code a text}, {@code a question and a context}. */
  String asked();

  /**
   * Takes what is asked at the shell.
   *
   * @param texts one, or two where the task has pairs
   * @throws IllegalArgumentException if their number is another
   */
  PredictedTask<?> ask(List<String> texts, TrainedModel model);
}
