package org.mirror4j.method.flow;

import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.train.Fidelity;

/**
 * What the flows of the paper were trained with (Li et al. 2020, appendix B), each in a JSON file
 * of its label.
 */
public enum FlowRecipe {
  /** On the sentences of the task that is measured. */
  TARGET,
  /** On the sentences of natural language inference. */
  NLI;

  /** The name in options and files. */
  public String label() {
    return JsonRecords.label(this);
  }

  /** The values: in the released code all items are shuffled before they go through the buffer. */
  public FlowSettings settings(Fidelity fidelity) {
    FlowSettings clean = settings();
    return fidelity == Fidelity.CLEAN
        ? clean
        : JsonRecords.with(clean, JsonFiles.object().put("shuffleBuffer", 0));
  }

  /** The values of {@link Fidelity#CLEAN}. */
  public FlowSettings settings() {
    return JsonRecords.resource(FlowSettings.class, label() + ".json");
  }
}
