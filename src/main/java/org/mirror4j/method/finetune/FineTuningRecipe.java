package org.mirror4j.method.finetune;

import java.util.Arrays;
import org.mirror4j.file.JsonRecords;

/**
 * Settings of whole runs, each in a JSON file of its label. All but those of tags are ones with
 * which scores were published.
 */
public enum FineTuningRecipe {
  /**
   * GLUE, and labels of one's own: batches of 32, 2e-5, 3 epochs, no warm-up, no decay, moments
   * corrected, as transformers' example of GLUE has its scores (README of text-classification).
   */
  CLASSIFICATION,
  /** The same with 5 epochs, as there for MRPC and WNLI, scored once in each and not ten times. */
  SMALL_CLASSIFICATION,
  /**
   * A tag for each word: 4 epochs at 3e-5 of 256 tokens with the optimiser of {@link
   * #CLASSIFICATION}. A choice of ours, rate, batch and epochs out of those that Devlin et al. 2019
   * recommend to choose from (appendix A.3).
   */
  TAGGING,
  /**
   * Relations of two entities: 10 epochs at 2e-5 by BertAdam with a tenth of warm-up and decay 0.01
   * (Joshi et al. 2020, README of the released code for TACRED).
   */
  RELATION,
  /**
   * Answers in passages: windows of 384 tokens, 2 epochs at 3e-5 by BertAdam with a tenth of
   * warm-up and decay 0.01, as Devlin et al. released it for SQuAD 1.1 (README and run_squad.py),
   * but for batches, of 32 here and of 12 there.
   */
  ANSWERS,
  /**
   * Chains of mentions: a document a step, 20 epochs at 1e-5 (Joshi et al. 2019, the released
   * code's settings for BERT-base).
   */
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
