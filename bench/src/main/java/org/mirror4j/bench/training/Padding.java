package org.mirror4j.bench.training;

import org.mirror4j.bench.contest.Workload;

/** What views are padded to where a framework takes no packed sequences. */
public enum Padding {
  /** The longest view of the batch. */
  LONGEST,
  /** The most tokens that a view of the recipe may have, as the paper's code does. */
  MAXIMUM;

  /** Tokens of each view of a batch. */
  int length(Workload workload, int batch) {
    return this == LONGEST ? workload.longest(batch) : workload.recipe().settings().maxLength();
  }
}
