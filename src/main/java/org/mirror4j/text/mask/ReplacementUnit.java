package org.mirror4j.text.mask;

/** What one draw decides of: whether it is masked, replaced, or stays. */
public enum ReplacementUnit {
  /** Each token by itself. */
  TOKEN,
  /** All tokens of a run of chosen ones; each is replaced by a token of its own. */
  SPAN
}
