package org.mirror4j.device.operation;

/** How the vectors of a sequence become one (Mirror-BERT, option {@code agg_mode}). */
public enum Pooling {
  /** The first token, no pooler. {@code cls} of the released code. */
  CLS("cls"),
  /** Mean over the real tokens, special tokens included. {@code mean_std} of the released code. */
  MEAN("mean"),
  /**
   * Mean over all rows of the sequence; with sequences padded to the maximum length this is {@code
   * mean} of the released code.
   */
  MEAN_PADDED("mean-padded");

  private final String label;

  Pooling(String label) {
    this.label = label;
  }

  /** The name in options and files. */
  public String label() {
    return label;
  }

  /**
   * The pooling of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Pooling of(String label) {
    for (Pooling pooling : values()) {
      if (pooling.label.equals(label)) {
        return pooling;
      }
    }
    throw new IllegalArgumentException(
        "pooling is '" + label + "', expected cls, mean or mean-padded");
  }
}
