package org.mirror4j.method.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.calibrate.flow.FlowCoupling;
import org.mirror4j.calibrate.flow.FlowFile;
import org.mirror4j.calibrate.flow.FlowPermutation;
import org.mirror4j.checkpoint.ModelContents;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.support.RoundingDevice;
import org.mirror4j.train.Fidelity;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.StepRecord;
import org.mirror4j.train.TinyRun;
import org.mirror4j.train.TrainingListener;

/** Runs over drawn vectors. */
class FlowTrainingTest {
  private static final int CHANNELS = 16;
  private static final RunOptions NEW = new RunOptions(1000, false, false);

  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void makeModel() {
    model = TinyRun.model(folder.resolve("base"), TinyRun.parameters());
  }

  /** A model's directory, and vectors that are no text's. */
  private record DrawnVectors(Path model, int size, int sides) implements FlowSource, FlowVectors {
    @Override
    public List<Path> inputs() {
      return List.of(model);
    }

    @Override
    public ObjectNode settings() {
      return JsonFiles.object().put("model", model.toString());
    }

    @Override
    public void read(
        Device device,
        FlowSettings settings,
        Fidelity fidelity,
        TrainingListener listener,
        Consumer<FlowVectors> run) {
      run.accept(this);
    }

    @Override
    public ModelContents contents(ObjectNode run, AtomicFiles.DirectoryWriter flow) {
      return ModelDirectory.open(model).mapped(ModelSettings.NONE, List.of(), flow);
    }

    @Override
    public int channels() {
      return CHANNELS;
    }

    @Override
    public String sha256() {
      return "drawn";
    }

    @Override
    public void compute() {}

    /** Skewed and correlated, with a common part in the vectors of a pair. */
    @Override
    public void read(int epoch, int item, int side, float[] to, int offset) {
      Random shared = new Random(item);
      Random own = new Random(1000L * item + side);
      double common = shared.nextGaussian();
      for (int c = 0; c < CHANNELS; c++) {
        double value = shared.nextGaussian() + 0.5 * own.nextGaussian() + (c % 3 - 1) * common;
        to[offset + c] = (float) (0.3 + (c % 2 == 0 ? value : Math.exp(0.5 * value)) / (1 + c));
      }
    }
  }

  private static FlowSettings settings(double epochs, int shuffleBuffer, FlowCoupling coupling) {
    return settings(epochs, shuffleBuffer, coupling, FlowPermutation.REVERSE);
  }

  private static FlowSettings settings(
      double epochs, int shuffleBuffer, FlowCoupling coupling, FlowPermutation permutation) {
    return new FlowSettings(
        2, 2, 8, coupling, permutation, 8, epochs, 0, 1e-3, 1e-6, 0.01, 1, shuffleBuffer, 3);
  }

  private TinyRun.Recorder run(
      Device device, String output, FlowSettings settings, RunOptions options) {
    return run(device, output, settings, options, new TinyRun.Recorder());
  }

  private TinyRun.Recorder run(
      Device device,
      String output,
      FlowSettings settings,
      RunOptions options,
      TinyRun.Recorder heard) {
    try (device) {
      FlowTraining training =
          new FlowTraining(new DrawnVectors(model, 100, 2), "test", settings, Fidelity.CLEAN);
      TinyRun.run(device, training, folder.resolve(output), options, heard);
    }
    return heard;
  }

  private byte[] flow(String output) throws IOException {
    return Files.readAllBytes(folder.resolve(output).resolve(FlowFile.NAME));
  }

  @Test
  void lossFalls() {
    for (FlowCoupling coupling : FlowCoupling.values()) {
      List<Double> losses =
          run(new HostDevice(2), coupling.name(), settings(20, 30, coupling), NEW).losses();
      assertThat(losses).hasSize(20 * 12);
      List<Double> windows =
          IntStream.range(0, 6)
              .mapToObj(i -> losses.subList(40 * i, 40 * i + 40))
              .map(window -> window.stream().mapToDouble(loss -> loss).average().orElseThrow())
              .toList();
      assertThat(windows).isSortedAccordingTo((a, b) -> Double.compare(b, a));
      assertThat(windows.getFirst() - windows.getLast()).isGreaterThan(0.05);
    }
  }

  @Test
  void sameSeedSameBytes() throws IOException {
    FlowSettings settings = settings(1, 30, FlowCoupling.ADDITIVE);
    run(new HostDevice(1), "one", settings, NEW);
    run(new HostDevice(3), "three", settings, NEW);
    run(new RoundingDevice(2, 64), "replayed", settings, NEW);
    assertThat(flow("three")).isEqualTo(flow("one"));
    assertThat(flow("replayed")).isEqualTo(flow("one"));
  }

  @Test
  void resumesInTheSameBytes() throws IOException {
    // A learned permutation has parts that no checkpoint holds: they follow from the seed.
    FlowSettings settings = settings(2, 30, FlowCoupling.ADDITIVE, FlowPermutation.PLU);
    RunOptions often = new RunOptions(5, false, false);
    TinyRun.Recorder unbroken = run(new HostDevice(1), "unbroken", settings, often);
    TinyRun.Recorder killed = new TinyRun.Recorder(13);
    assertThatThrownBy(() -> run(new HostDevice(1), "resumed", settings, often, killed))
        .isInstanceOf(TinyRun.Killed.class);
    TinyRun.Recorder rest =
        run(new HostDevice(1), "resumed", settings, new RunOptions(5, true, false));
    assertThat(rest.firstStep).isEqualTo(11);
    assertThat(rest.losses()).isEqualTo(unbroken.losses().subList(10, 24));
    assertThat(flow("resumed")).isEqualTo(flow("unbroken"));
  }

  private static FlowSettings batches(int batchSize, double epochs) {
    return new FlowSettings(
        2,
        2,
        8,
        FlowCoupling.ADDITIVE,
        FlowPermutation.REVERSE,
        batchSize,
        epochs,
        0,
        1e-3,
        1e-6,
        0.01,
        1,
        30,
        3);
  }

  /** A step of few vectors has no deviations: a flow begins with those of 32. */
  @Test
  void smallBatchesBeginAsThoseOfTheRecipesDo() {
    DrawnVectors vectors = new DrawnVectors(model, 100, 2);
    float[] step = new FlowBatches(vectors, batches(32, 1)).vectors(1);
    float[] firstSide = Arrays.copyOf(step, 32 * CHANNELS);
    for (int batchSize : new int[] {1, 8, 32}) {
      assertThat(new FlowBatches(vectors, batches(batchSize, 1)).beginning()).isEqualTo(firstSide);
    }
    assertThat(new FlowBatches(vectors, batches(70, 1)).beginning()).hasSize(70 * CHANNELS);
    assertThat(new FlowBatches(new DrawnVectors(model, 20, 2), batches(8, 1)).beginning())
        .hasSize(20 * CHANNELS);
    List<StepRecord> steps = run(new HostDevice(1), "single", batches(1, 0.3), NEW).steps;
    assertThat(steps).hasSize(30);
    assertThat(steps).allSatisfy(each -> assertThat(each.loss().total()).isBetween(-3.0, 9.0));
    // What is counted are vectors, two a pair.
    assertThat(steps.getFirst().toJson().path("vectors").asInt()).isEqualTo(2);
    assertThat(steps.getFirst().toJson().has("tokens")).isFalse();
  }

  @Test
  void tooFewItemsAndTooManyStepsAreRefused() {
    assertThatThrownBy(() -> new FlowBatches(new DrawnVectors(model, 1, 2), batches(8, 1)))
        .hasMessage("a flow is trained on 1 pairs, expected at least 2");
    assertThatThrownBy(() -> new FlowBatches(new DrawnVectors(model, 0, 1), batches(8, 1)))
        .hasMessage("a flow is trained on 0 vectors, expected at least 2");
    assertThatThrownBy(() -> new FlowBatches(new DrawnVectors(model, 100, 1), batches(8, 1e12)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("--epochs is 1000000000000, expected at most 178956970 with 12 steps an epoch");
  }

  @Test
  void aPartOfAnEpoch() {
    FlowSettings settings = settings(0.5, 0, FlowCoupling.ADDITIVE);
    assertThat(run(new HostDevice(1), "part", settings, NEW).losses()).hasSize(6);
  }

  @Test
  void theReleasedSettings() {
    assertThat(FlowRecipe.TARGET.settings())
        .isEqualTo(
            new FlowSettings(
                3,
                3,
                32,
                FlowCoupling.ADDITIVE,
                FlowPermutation.REVERSE,
                32,
                1,
                0,
                1e-3,
                1e-6,
                0.01,
                1,
                1000,
                1234));
    assertThat(FlowRecipe.NLI.settings().epochs()).isEqualTo(0.15);
    assertThat(FlowRecipe.NLI.settings().learningRate()).isEqualTo(2e-5);
  }

  /** An item moves forward by less than the buffer holds, and every item comes once. */
  @Test
  void aShuffleBufferKeepsThePartsOfTheData() {
    int[] order = ShuffleBuffer.order(500, 40, 1, 0);
    assertThat(Arrays.stream(order).sorted().toArray())
        .isEqualTo(IntStream.range(0, 500).toArray());
    for (int i = 0; i < order.length; i++) {
      assertThat(order[i]).isLessThan(i + 40);
    }
    assertThat(order).isNotEqualTo(ShuffleBuffer.order(500, 40, 1, 1));
    assertThat(order).isEqualTo(ShuffleBuffer.order(500, 40, 1, 0));
    // Later items are drawn later: the mean place of the last hundred is near the end.
    double place = IntStream.range(0, 500).filter(i -> order[i] >= 400).average().orElseThrow();
    assertThat(place).isGreaterThan(390);
    assertThat(ShuffleBuffer.order(20, 0, 1, 0)).isEqualTo(ShuffleBuffer.order(20, 20, 1, 0));
  }
}
