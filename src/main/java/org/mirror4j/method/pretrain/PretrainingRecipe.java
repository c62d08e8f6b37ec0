package org.mirror4j.method.pretrain;

import org.mirror4j.file.JsonRecords;

/** Settings that models were published with, each in a JSON file of its label. */
public enum PretrainingRecipe {
  /** What the bundled model is made with: small blocks, masked tokens, minutes. */
  BUNDLED,
  /**
   * The paper's own BERT: masked tokens, two segments and whether one follows the other (Joshi et
   * al. 2020, section 4.2; Devlin et al. 2019).
   */
  BERT,
  /** The same over one long segment, without next-sentence prediction (section 4.2). */
  BERT_1SEQ,
  /** One long segment, masked spans, the span boundary objective (section 3). */
  SPANBERT;

  /** The name in options and files. */
  public String label() {
    return JsonRecords.label(this);
  }

  /** The values. */
  public PretrainingSettings settings() {
    return JsonRecords.resource(PretrainingSettings.class, label() + ".json");
  }
}
