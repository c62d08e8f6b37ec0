package org.mirror4j.research.card;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mirror4j.device.Precision;
import org.mirror4j.device.launch.Driver;
import org.mirror4j.device.launch.DriverDevice;
import org.mirror4j.device.launch.KernelArguments;
import org.mirror4j.device.launch.source.KernelContract;
import org.mirror4j.method.mirror.MirrorRehearsal;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.method.mirror.Recipe;
import org.mirror4j.research.LengthStatistics;
import org.mirror4j.research.WatchedDriver;
import org.mirror4j.tensor.DType;
import org.mirror4j.train.ComputeOptions;

/**
 * Time of each kernel at the base shape: the launches of one real training step are kept with their
 * buffers, and each different one is repeated alone. Beside it is the least traffic that the
 * kernel's header states. A launch is repeated many times without a gap, so that the cost of
 * launching is hidden; what fits the card's second-level cache then comes from there.
 */
final class KernelTimes implements CardPart {
  /** Launches between two events. */
  private static final int LAUNCHES = 20;

  @Override
  public String name() {
    return "kernels";
  }

  /** A launch of the step that is like no other: kernel, storage type and scalars. */
  private record Key(String entry, DType storage, List<Long> values) {}

  private static final class Kept {
    private final Driver.Kernel kernel;
    private final int grid;
    private final int block;
    private final int sharedBytes;
    private final KernelArguments arguments;
    private final List<Double> micros = new ArrayList<>();
    private int count;

    Kept(Driver.Kernel kernel, int grid, int block, int sharedBytes, KernelArguments arguments) {
      this.kernel = kernel;
      this.grid = grid;
      this.block = block;
      this.sharedBytes = sharedBytes;
      this.arguments = arguments.copy();
    }

    void launch(Driver driver) {
      for (int i = 0; i < LAUNCHES; i++) {
        driver.launch(kernel, grid, block, sharedBytes, arguments);
      }
    }
  }

  @Override
  public void measure(CardBench bench, ObjectNode result) {
    for (Recipe recipe : List.of(Recipe.WORD, Recipe.SENTENCE)) {
      for (Precision precision : List.of(Precision.F16, Precision.F32)) {
        if (!bench.late()) {
          String name = recipe.label() + " " + precision.label();
          measure(bench, recipe, precision, result.putObject(name));
        }
      }
    }
  }

  private static void measure(
      CardBench bench, Recipe recipe, Precision precision, ObjectNode result) {
    CardBench.Size size = bench.size();
    MirrorSettings settings = recipe.settings().with(Map.of("batchSize", size.batchSize()));
    List<int[][]> batches =
        LengthStatistics.read(bench.lengths().resolve(recipe.label() + ".json"))
            .batches(size.batchSize(), 1, size.vocabulary(), settings.seed());
    WatchedDriver driver = new WatchedDriver(bench.drivers().get());
    Map<Key, Kept> launches = new LinkedHashMap<>();
    // One layer has every launch that twelve have.
    try (DriverDevice device = bench.device(driver);
        MirrorRehearsal rehearsal =
            new MirrorRehearsal(
                device,
                size.config(1, size.hiddenSize()),
                settings,
                new ComputeOptions(precision, false),
                batches)) {
      rehearsal.step();
      driver.watcher(
          (kernel, grid, block, shared, arguments) ->
              launches.computeIfAbsent(
                      key(arguments), key -> new Kept(kernel, grid, block, shared, arguments))
                  .count++);
      rehearsal.step();
      driver.watcher((kernel, grid, block, shared, arguments) -> {});
      double ceiling = Collections.max(Ceilings.bandwidth(bench, driver, device).values());
      time(driver, bench, launches);
      launches.forEach((key, kept) -> put(result, key, kept, ceiling));
    }
  }

  private static Key key(KernelArguments arguments) {
    List<Long> scalars = new ArrayList<>();
    int buffers = arguments.contract().buffers().size();
    for (int i = buffers; i < arguments.count(); i++) {
      scalars.add(arguments.bits(i));
    }
    return new Key(arguments.contract().entry(), arguments.storage(), scalars);
  }

  /** All launches in turn, over and over: a clock that changes changes all alike. */
  private static void time(Driver driver, CardBench bench, Map<Key, Kept> launches) {
    for (int repeat = 0; repeat <= bench.size().repeats() && !bench.late(); repeat++) {
      for (Kept kept : launches.values()) {
        double micros = Timing.once(driver, () -> kept.launch(driver)) / LAUNCHES;
        if (repeat > 0) {
          kept.micros.add(micros);
        }
      }
    }
  }

  private static void put(ObjectNode result, Key key, Kept kept, double ceiling) {
    if (kept.micros.isEmpty()) {
      return;
    }
    ObjectNode row = result.withArray("launches").addObject();
    long traffic = kept.arguments.contract().traffic().evaluate(kept.arguments.values());
    double micros = Summary.median(kept.micros);
    row.put("entry", key.entry());
    row.put("storage", key.storage().label());
    row.put("grid", kept.grid);
    row.put("block", kept.block);
    row.put("sharedBytes", kept.sharedBytes);
    ObjectNode scalars = row.putObject("scalars");
    int buffers = kept.arguments.contract().buffers().size();
    for (int i = 0; i < key.values().size(); i++) {
      KernelContract.Scalar scalar = kept.arguments.contract().scalars().get(i);
      long bits = kept.arguments.bits(buffers + i);
      if (scalar.type() == KernelContract.ScalarType.F32) {
        scalars.put(scalar.name(), Float.intBitsToFloat((int) bits));
      } else {
        scalars.put(scalar.name(), bits);
      }
    }
    row.put("perStepOfOneLayer", kept.count);
    row.put("micros", micros);
    row.put(
        "microsLeast", kept.micros.stream().mapToDouble(Double::doubleValue).min().orElseThrow());
    row.put("trafficBytes", traffic);
    row.put("bytesPerSecond", traffic / micros * 1e6);
    row.put("shareOfCeiling", traffic / micros * 1e6 / ceiling);
  }
}
