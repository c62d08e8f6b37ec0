package org.mirror4j.method.finetune;

import java.util.Arrays;
import org.mirror4j.file.JsonRecords;

/**
 * The settings that BERT and SpanBERT were fine-tuned with (Devlin et al. 2019, section 4 and
 * appendix A.3; Joshi et al. 2020, README of the released code), each in a JSON file of its label.
 */
public enum FineTuningRecipe {
  /** GLUE, and labels of one's own: batches of 32, 2e-5, 3 epochs. */
  CLASSIFICATION,
  /** The same for thousands of examples or fewer: 5 epochs. */
  SMALL_CLASSIFICATION,
  /** A tag for each word. */
  TAGGING,
  /** Relations of two entities: 10 epochs. */
  RELATION,
  /** Answers in passages: windows of 384 tokens, 2 epochs. */
  ANSWERS,
  /** Chains of mentions: a document a step, 20 epochs (Joshi et al. 2019). */
  COREFERENCE;

  /** The one of a name. */
  public static FineTuningRecipe of(String label) {
    return Arrays.stream(values())
        .filter(recipe -> recipe.label().equals(label))
        .findFirst()
        .orElseThrow();
  }

  /** The name in options and files. */
  public String label() {
    return JsonRecords.label(this);
  }

  /** The values. */
  public FineTuningSettings settings() {
    return JsonRecords.resource(FineTuningSettings.class, label() + ".json");
  }
}
