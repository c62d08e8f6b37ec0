package org.mirror4j.bench.training;

import org.openjdk.jmh.annotations.Param;

/** A workload of PyTorch through DJL. */
public abstract class RivalState extends WorkloadState {
  @Param("LONGEST")
  public Padding padding;
}
