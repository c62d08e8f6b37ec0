package org.mirror4j.research.card;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.Pooling;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.method.mirror.MirrorRehearsal;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.method.mirror.Recipe;
import org.mirror4j.research.LengthStatistics;
import org.mirror4j.train.ComputeOptions;

/**
 * Ten training steps on the card against the same on the CPU in f32: two layers, 64 wide, dropout
 * and drophead on. The same bits are dropped, so losses differ by rounding alone.
 */
final class StepParity implements CardPart {
  private static final int STEPS = 10;
  private static final int BATCH_SIZE = 8;

  /**
   * Largest relative difference of a loss. f32: sums in another order, ten updates apart. Half
   * precision: some 30 roundings of at most half a unit in the last place, 2^-11 or 2^-8, lie one
   * after the other between tokens and loss and add up like a random walk; a cosine is a mean over
   * 64 elements whose errors are independent, and the temperature 0.2 makes five times that of a
   * logit. TF32: fewer roundings, of factors alone, but perhaps towards zero, 2^-10.
   */
  private static final Map<Precision, Double> BOUNDS =
      Map.of(
          Precision.F32, 1e-4,
          Precision.TF32, 5 * Math.sqrt(30.0 / 64) * 0x1p-10,
          Precision.F16, 5 * Math.sqrt(30.0 / 64) * 0x1p-11,
          Precision.BF16, 5 * Math.sqrt(30.0 / 64) * 0x1p-8);

  @Override
  public String name() {
    return "parity";
  }

  @Override
  public void measure(CardBench bench, ObjectNode result) {
    BertConfig config = bench.size().config(2, 64);
    MirrorSettings settings =
        Recipe.WORD
            .settings()
            .with(
                // Fresh weights tell first tokens hardly apart, and the loss would say nothing.
                Map.of(
                    "pooling",
                    Pooling.MEAN,
                    "batchSize",
                    BATCH_SIZE,
                    "dropheadRate",
                    0.2,
                    "learningRate",
                    1e-3));
    List<int[][]> batches =
        LengthStatistics.read(bench.lengths().resolve("word.json"))
            .batches(BATCH_SIZE, STEPS, config.vocabSize(), 3);
    List<Double> expected;
    try (Device cpu = new HostDevice(bench.threads())) {
      expected = losses(cpu, config, settings, batches, Precision.F32, false);
    }
    put(result.putArray("cpu"), expected);
    try (Device card = bench.device()) {
      for (Precision precision :
          card.precisions().stream().sorted(Comparator.naturalOrder()).toList()) {
        for (boolean replay : new boolean[] {false, true}) {
          List<Double> got = losses(card, config, settings, batches, precision, replay);
          double largest = 0;
          for (int step = 0; step < STEPS; step++) {
            double difference = Math.abs(got.get(step) - expected.get(step)) / expected.get(step);
            largest = Double.isNaN(difference) ? difference : Math.max(largest, difference);
          }
          double bound = BOUNDS.get(precision);
          ObjectNode row = result.withArray("runs").addObject();
          row.put("precision", precision.label());
          row.put("mode", replay ? "replayed" : "eager");
          put(row.putArray("losses"), got);
          row.put("largestRelativeDifference", largest);
          row.put("bound", bound);
          row.put("holds", largest <= bound);
        }
      }
    }
  }

  private static List<Double> losses(
      Device device,
      BertConfig config,
      MirrorSettings settings,
      List<int[][]> batches,
      Precision precision,
      boolean replay) {
    List<Double> losses = new ArrayList<>();
    try (MirrorRehearsal rehearsal =
        new MirrorRehearsal(
            device, config, settings, new ComputeOptions(precision, replay), batches)) {
      for (int step = 0; step < STEPS; step++) {
        losses.add(rehearsal.step());
      }
    }
    return losses;
  }

  private static void put(ArrayNode array, List<Double> values) {
    values.forEach(array::add);
  }
}
