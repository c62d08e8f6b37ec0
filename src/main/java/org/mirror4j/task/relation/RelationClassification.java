package org.mirror4j.task.relation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.mirror4j.task.Evaluation;
import org.mirror4j.task.Examples;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.LabelNames;
import org.mirror4j.task.classification.LabelHead;

/**
 * A relation for each sentence with two marked entities, as a class of the sentence (Joshi et al.
 * 2020, section 4.1).
 *
 * @param symbols that mark them
 */
record RelationClassification(
    LabelNames labels,
    EntitySymbols symbols,
    Examples<int[]> training,
    Optional<Evaluation<int[]>> development)
    implements FineTunedTask<int[]>, LabelHead {
  @Override
  public void configure(ObjectNode config) {
    config.put("problem_type", PROBLEM);
    labels.configure(config);
    symbols.configure(config);
  }
}
