package org.mirror4j.bench.training;

import org.mirror4j.device.Precision;
import org.openjdk.jmh.annotations.Param;

/** A workload of the engine on the CPU. */
public abstract class EngineState extends WorkloadState {
  @Param("F32")
  public Precision precision;

  @Param("2")
  public int threads;
}
