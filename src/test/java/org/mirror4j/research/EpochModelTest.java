package org.mirror4j.research;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.Pooling;
import org.mirror4j.device.Precision;
import org.mirror4j.device.launch.DriverDevice;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.device.ptx.LaunchOptions;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.count.Gpu;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.method.mirror.MirrorRehearsal;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.method.mirror.Recipe;
import org.mirror4j.train.ComputeOptions;

/** What is added up beside what a step launches. */
class EpochModelTest {
  private static final BertConfig CONFIG =
      new BertConfig(
          BertConfig.Family.BERT, 2000, 64, 2, 1, 256, 32, 2, 1e-12f, GeluForm.ERF, 0.02f, 0);

  /** Nine tokens a pair of views. */
  private static final LengthStatistics LENGTHS =
      new LengthStatistics("corpus", "word", 25, Collections.nCopies(200, new int[] {4, 5}));

  /** Its assumptions leave them out. */
  private static final Set<String> LEFT_OUT = Set.of("scale", "adam_w_rows", "scale_rows");

  @ParameterizedTest
  @CsvSource({"CLS, 0", "CLS, 0.05", "MEAN, 0"})
  void launchesAreThoseOfAStep(Pooling pooling, double dropheadRate) {
    Map<String, Double> counted = new TreeMap<>();
    MirrorSettings settings =
        Recipe.WORD.settings().with(Map.of("pooling", pooling, "dropheadRate", dropheadRate));
    EpochModel.of(
            KernelLibrary.bundled(),
            Set.of(),
            Gpu.RTX_2080_TI,
            Precision.F16,
            settings,
            CONFIG,
            LENGTHS,
            1)
        .original()
        .kernels()
        .forEach(kernel -> counted.put(kernel.entry(), kernel.launches()));
    assertThat(counted).isEqualTo(launched(settings.with(Map.of("batchSize", 8))));
  }

  /** Of the second step. */
  private static Map<String, Double> launched(MirrorSettings settings) {
    Map<String, Double> launches = new TreeMap<>();
    List<int[][]> batches = LENGTHS.batches(8, 2, CONFIG.vocabSize(), 1);
    WatchedDriver driver =
        new WatchedDriver(new PtxDriver(CheckLevel.BOUNDS, LaunchOptions.defaults()));
    try (DriverDevice device = new DriverDevice("ptx", driver, KernelLibrary.bundled());
        MirrorRehearsal rehearsal =
            new MirrorRehearsal(
                device, CONFIG, settings, new ComputeOptions(Precision.F16, false), batches)) {
      rehearsal.step();
      driver.watcher(
          (kernel, grid, block, sharedBytes, arguments) ->
              launches.merge(arguments.contract().entry(), 1.0, Double::sum));
      rehearsal.step();
    }
    assertThat(launches.keySet().removeAll(LEFT_OUT)).isTrue();
    return launches;
  }
}
