package org.mirror4j.research.card;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.device.Precision;
import org.mirror4j.device.launch.DriverDevice;
import org.mirror4j.method.mirror.MirrorRehearsal;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.method.mirror.Recipe;
import org.mirror4j.research.LengthStatistics;
import org.mirror4j.train.ComputeOptions;

/**
 * Seconds of an epoch: the model's shape with fresh weights on batches of real lengths, in every
 * precision, each step launched (eager) or replayed. Batches are packed beforehand, as a run packs
 * them while the card computes.
 */
final class EpochRate implements CardPart {
  /** A run that is slow measures a part of an epoch and says so. */
  private static final double SECONDS = 8;

  @Override
  public String name() {
    return "epoch";
  }

  @Override
  public void measure(CardBench bench, ObjectNode result) {
    // What matters most comes first: the time may run out.
    for (Precision precision :
        List.of(Precision.F16, Precision.BF16, Precision.TF32, Precision.F32)) {
      for (Recipe recipe : List.of(Recipe.WORD, Recipe.SENTENCE)) {
        for (boolean replay : new boolean[] {true, false}) {
          ObjectNode row = result.withArray("runs").addObject();
          row.put("recipe", recipe.label());
          row.put("precision", precision.label());
          row.put("mode", replay ? "replayed" : "eager");
          if (bench.late()) {
            row.put("notRun", "the time was up");
            continue;
          }
          try (DriverDevice device = bench.device()) {
            if (device.precisions().contains(precision)) {
              measure(bench, device, recipe, new ComputeOptions(precision, replay), row);
            } else {
              row.put("notRun", "the card has no " + precision.label());
            }
          } catch (RuntimeException e) {
            row.put("failure", e.toString());
          }
        }
      }
    }
  }

  private static void measure(
      CardBench bench, DriverDevice device, Recipe recipe, ComputeOptions options, ObjectNode row) {
    CardBench.Size size = bench.size();
    BertConfig config = size.config();
    MirrorSettings settings = recipe.settings().with(Map.of("batchSize", size.batchSize()));
    LengthStatistics lengths =
        LengthStatistics.read(bench.lengths().resolve(recipe.label() + ".json"));
    List<int[][]> batches =
        lengths.batches(size.batchSize(), size.steps(), config.vocabSize(), settings.seed());
    int stepsOfEpoch = lengths.items().size() / size.batchSize();
    long free = device.availableBytes();
    try (MirrorRehearsal rehearsal =
        new MirrorRehearsal(device, config, settings, options, batches)) {
      // A shape is launched once and recorded the second time: two epochs, or what time allows.
      timed(rehearsal, 2 * rehearsal.batches(), SECONDS);
      List<Double> seconds = timed(rehearsal, 3 * rehearsal.batches(), SECONDS);
      double total = seconds.stream().mapToDouble(Double::doubleValue).sum();
      double perStep = total / seconds.size();
      double tokens = (double) rehearsal.realTokens() / rehearsal.batches();
      row.put("stepsMeasured", seconds.size());
      row.put("stepsOfEpoch", stepsOfEpoch);
      row.put("realTokensPerStep", tokens);
      row.put("rowsPerStep", (double) rehearsal.rows() / rehearsal.batches());
      row.put("secondsPerStep", perStep);
      row.put("secondsPerStepMedian", Summary.median(seconds));
      row.put("stepsPerSecond", 1 / perStep);
      row.put("tokensPerSecond", tokens / perStep);
      row.put("secondsPerEpoch", perStep * stepsOfEpoch);
      row.put("skippedSteps", rehearsal.skippedSteps());
      row.put("plannedBytes", rehearsal.bytes());
      // Nothing is freed during a run, so what is taken at its end is the most.
      row.put("peakBytes", free - device.availableBytes());
    }
  }

  private static List<Double> timed(MirrorRehearsal rehearsal, int most, double limit) {
    List<Double> seconds = new ArrayList<>();
    long begin = System.nanoTime();
    while (seconds.size() < most && (System.nanoTime() - begin) * 1e-9 < limit) {
      long start = System.nanoTime();
      rehearsal.step();
      seconds.add((System.nanoTime() - start) * 1e-9);
    }
    return seconds;
  }
}
