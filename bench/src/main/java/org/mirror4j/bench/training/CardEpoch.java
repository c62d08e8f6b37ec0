package org.mirror4j.bench.training;

import org.mirror4j.bench.contest.Workload;
import org.mirror4j.device.Precision;
import org.mirror4j.device.launch.DriverDevice;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.method.mirror.MirrorRehearsal;
import org.mirror4j.research.card.CardMachine;
import org.mirror4j.train.ComputeOptions;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * An epoch of Mirror-BERT on a card, updates included, dropout on, steps replayed: one operation is
 * all its steps. Batches are packed beforehand, as a run packs them while the card computes.
 */
public class CardEpoch {
  /** The engine on a card, or on the interpreter in its place. */
  public static class Card extends WorkloadState {
    @Param("CUDA")
    public CardMachine machine;

    @Param("50")
    public int batches;

    @Param("F32")
    public Precision precision;

    private DriverDevice device;
    private MirrorRehearsal rehearsal;

    /** Plans all buffers. */
    @Setup(Level.Trial)
    public void plan() {
      int threads = Runtime.getRuntime().availableProcessors();
      device = new DriverDevice("card", machine.drivers(threads).get(), KernelLibrary.bundled());
      Workload workload = Workload.of(shape, recipe, items, batches);
      rehearsal =
          new MirrorRehearsal(
              device,
              workload.config(),
              workload.settings(true),
              new ComputeOptions(precision, true),
              workload.batches());
    }

    /** Sum of the losses of an epoch. */
    double epoch() {
      double loss = 0;
      for (int step = 0; step < rehearsal.batches(); step++) {
        loss += rehearsal.step();
      }
      return loss;
    }

    /** Frees them. */
    @TearDown(Level.Trial)
    public void close() {
      rehearsal.close();
      device.close();
    }
  }

  /** The engine. */
  @Benchmark
  public double mirror4j(Card card) {
    return TrainingStep.finite(card.epoch());
  }
}
