package org.mirror4j.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.SequencedMap;
import org.mirror4j.file.FileException;
import org.mirror4j.text.Tokenizer;

/**
 * What the files of a fine-tuned model say of its head and of the texts that it takes.
 *
 * @param file {@code config.json}, for messages
 * @param config what it holds
 * @param run the settings of the run that made the model; empty of one that was made elsewhere
 * @param scores of the held-out data, by their names, when the model was at its best; empty where
 *     there were none
 * @param tokenizer of its texts, open for as long as the model is
 * @param maxLength tokens of an example, special tokens included
 */
public record TrainedModel(
    String file,
    ObjectNode config,
    Optional<ObjectNode> run,
    SequencedMap<String, Double> scores,
    Tokenizer tokenizer,
    int maxLength) {
  private static final String PROBLEM = "problem_type";

  /**
   * The labels, in the order of their numbers.
   *
   * @throws FileException naming what the file has in their place
   */
  public LabelNames labels() {
    return LabelNames.of(config, file);
  }

  /**
   * Refuses a head that is for another kind of problem: classes of which several may be right, a
   * number, or one class.
   *
   * @param expected {@code problem_type}; a file that has none may be of any
   */
  public void requireProblem(String expected) {
    String problem = config.path(PROBLEM).asText(expected);
    if (!problem.equals(expected)) {
      throw new FileException(
          "%s: %s is %s, expected %s"
              .formatted(file, PROBLEM, FileException.quote(problem), expected));
    }
  }
}
