package org.mirror4j.method.finetune;

import java.util.Arrays;
import org.mirror4j.file.JsonRecords;

/**
 * Settings with which published scores were reached, each in a JSON file of its label: of GLUE and
 * of tags those of transformers' examples (lists of scores in their README: no warm-up, no decay,
 * moments corrected), of the others those of SpanBERT (Joshi et al. 2020, README of the released
 * code).
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
