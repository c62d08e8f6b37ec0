package org.mirror4j.research.card;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.method.mirror.MirrorRehearsal;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.method.mirror.Recipe;
import org.mirror4j.research.LengthStatistics;
import org.mirror4j.train.ComputeOptions;

/**
 * Every operation of a training step on the card against the CPU, which the tests hold to a
 * reference in double: at the width of the model and the lengths of both recipes, one layer.
 */
final class OperationComparison implements CardPart {
  /**
   * Largest difference in units of the largest element written. f32: a sum of k terms in another
   * order differs by about {@code sqrt(k) 2^-24} of the sum of their magnitudes, which is {@code
   * sqrt(k) / 4} times the largest of such sums: {@code k / 4 * 2^-24}, doubled. The longest sums
   * are those over the rows of a batch of sentences, k = 6208: {@code 1.9e-4}. Half precision: half
   * a unit in the last place, 2^-11 or 2^-8, when a result is stored, as much when what it is
   * computed from was rounded on the way, and twice that for LayerNorm, which divides what it is
   * given by its deviation. TF32 is left out: its kernels are those of f32, and a product that
   * cancels tells nothing in these units.
   */
  private static final Map<Precision, Double> BOUNDS =
      Map.of(Precision.F32, 6208 / 2 * 0x1p-24, Precision.F16, 0x1p-9, Precision.BF16, 0x1p-6);

  @Override
  public String name() {
    return "operations";
  }

  @Override
  public void measure(CardBench bench, ObjectNode result) {
    for (Precision precision : List.of(Precision.F32, Precision.F16, Precision.BF16)) {
      for (Recipe recipe : List.of(Recipe.WORD, Recipe.SENTENCE)) {
        try (Device card = bench.device();
            Device cpu = new HostDevice(bench.threads())) {
          if (card.precisions().contains(precision) && !bench.late()) {
            String name = recipe.label() + " " + precision.label();
            compare(bench, card, cpu, recipe, precision, result.putObject(name));
          }
        }
      }
    }
  }

  private static void compare(
      CardBench bench,
      Device card,
      Device cpu,
      Recipe recipe,
      Precision precision,
      ObjectNode result) {
    CardBench.Size size = bench.size();
    MirrorSettings settings =
        recipe
            .settings()
            .with(
                // The first update moves every parameter by about the rate: no bias stays zero.
                Map.of(
                    "learningRate", 0.05,
                    "batchSize", size.batchSize(),
                    "dropheadRate", 0.2));
    List<int[][]> batches =
        LengthStatistics.read(bench.lengths().resolve(recipe.label() + ".json"))
            .batches(size.batchSize(), 1, size.vocabulary(), settings.seed());
    ComparedKernels compared = new ComparedKernels(card, cpu);
    try (MirrorRehearsal rehearsal =
        new MirrorRehearsal(
            compared.device(),
            size.config(1, size.hiddenSize()),
            settings,
            new ComputeOptions(precision, false),
            batches)) {
      int skipped;
      do {
        skipped = rehearsal.skippedSteps();
        rehearsal.step();
        // The first loss scale is too large on purpose: infinities would say nothing.
      } while (rehearsal.skippedSteps() > skipped);
      compared.begin();
      rehearsal.step();
    } finally {
      double bound = BOUNDS.get(precision);
      compared
          .outcomes()
          .forEach(
              (operation, outcome) -> {
                ObjectNode row = result.putObject(operation);
                row.put("calls", outcome.calls());
                row.put("largestError", outcome.error());
                row.put("tensor", outcome.tensor());
                row.put("bound", bound);
                row.put("holds", outcome.error() <= bound);
              });
    }
  }
}
