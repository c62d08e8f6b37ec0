package org.mirror4j.bench.training;

import org.mirror4j.bench.contest.Workload;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What every side of a training measurement has: the parameters that name its workload. */
@State(Scope.Benchmark)
public abstract class WorkloadState {
  private static final String SMALL = "mini";

  @Param("base")
  public String shape;

  @Param("word")
  public String recipe;

  @Param("200")
  public int items;

  /** What is measured. */
  final Workload workload() {
    return Workload.of(shape, recipe, items);
  }

  /** The same recipe on a model whose steps are short. */
  final Workload small() {
    return Workload.of(SMALL, recipe, items);
  }
}
