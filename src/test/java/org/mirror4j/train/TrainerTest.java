package org.mirror4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.checkpoint.TrainingState;
import org.mirror4j.device.Device;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.optim.AdamW;
import org.mirror4j.optim.Clipping;
import org.mirror4j.optim.LearningRateSchedule;
import org.mirror4j.optim.LossScaler;
import org.mirror4j.optim.Optimization;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.support.RoundingDevice;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Parameter;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** A trainer of what is no BERT: two sets of parameters, each with an optimiser of its own. */
class TrainerTest {
  private static final int STEPS = 7;

  /** A multiple of 16, so that nothing lies between parameters. */
  private static final int SIZE = 48;

  @TempDir Path folder;

  /**
   * Gradients that depend on parameters and step, so that a state that is lost shows.
   *
   * @param heldOut losses after each step; none if there is no held-out data
   */
  private record Pull(Device device, List<Trainable> trainables, double... heldOut)
      implements TrainingTask {
    @Override
    public int steps() {
      return STEPS;
    }

    @Override
    public boolean keepsBest() {
      return heldOut.length > 0;
    }

    @Override
    public Optional<HeldOut> heldOut(int step) {
      return step > 0 && heldOut.length > 0
          ? Optional.of(Loss.of(heldOut[step - 1]))
          : Optional.empty();
    }

    @Override
    public Batch batch(int step) {
      return new Batch() {
        @Override
        public int epoch() {
          return 1;
        }

        @Override
        public int size() {
          return 1;
        }

        @Override
        public void upload() {}

        @Override
        public Loss lossAndGradient(float lossScale) {
          for (Trainable trainable : trainables) {
            float[] values = new float[trainable.table().size()];
            device.download(values, trainable.parameters());
            float[] noise = DeviceBuffers.normal(new Random(step), values.length, 0.1);
            for (int i = 0; i < values.length; i++) {
              values[i] = (values[i] + noise[i]) * lossScale;
            }
            // The third step of a run in f16 has a gradient that no scale holds.
            values[0] = step == 3 && lossScale > 1 ? Float.POSITIVE_INFINITY : values[0];
            device.upload(trainable.gradients(), values);
          }
          return Loss.of(step);
        }
      };
    }
  }

  private static Trainable trainable(
      Device device,
      Workspace workspace,
      DType storage,
      String name,
      AdamW.Settings settings,
      LearningRateSchedule schedule) {
    ParameterTable table =
        ParameterTable.of(List.of(scope -> scope.take(Parameter.weight(name, SIZE, 1, 1))));
    Tensor parameters = workspace.f32("parameters", table.size());
    device.upload(parameters, DeviceBuffers.normal(new Random(name.hashCode()), table.size(), 1));
    Tensor stored =
        storage == DType.F32
            ? parameters
            : workspace.tensor("stored", storage, Shape.of(table.size()));
    if (stored != parameters) {
      device.kernels().memory().convert(stored, parameters);
    }
    return Trainable.of(device, workspace, table, parameters, stored, settings, schedule);
  }

  /**
   * Runs to the end, or to a step after which the listener throws.
   *
   * @return parameters of both
   */
  private List<float[]> run(
      String output, DType storage, boolean resume, int lastStep, double... heldOut) {
    RunOptions options = new RunOptions(2, resume, false);
    ObjectNode settings = JsonFiles.object().put("steps", STEPS);
    try (Device device = new RoundingDevice(1);
        Workspace workspace = new Workspace(device);
        RunDirectory directory = RunDirectory.lock(folder.resolve(output), options)) {
      assertThat(directory.isDone(settings)).isFalse();
      directory.begin(settings);
      List<Trainable> trainables =
          List.of(
              trainable(
                  device,
                  workspace,
                  storage,
                  "encoder",
                  AdamW.Settings.bert(0.01),
                  LearningRateSchedule.linear(1e-2, 2, STEPS)),
              trainable(
                  device,
                  workspace,
                  storage,
                  "head",
                  AdamW.Settings.adam(),
                  LearningRateSchedule.constant(0.1)));
      Optimization optimization =
          new Optimization(
              device,
              workspace,
              trainables.stream().map(Trainable::optimizer).toList(),
              new Clipping(Clipping.Over.OPTIMIZER, 1),
              LossScaler.of(storage));
      ModelSettings.Provenance provenance =
          new ModelSettings.Provenance(
              "test", 1, "sha256:ab", new TreeMap<>(Map.of("mirror4j", "1")), settings);
      TinyRun.Recorder heard = new TinyRun.Recorder(lastStep);
      new Trainer(
              device,
              trainables,
              optimization,
              new Pull(device, trainables, heldOut),
              directory,
              provenance,
              options)
          .run(heard);
      // The log has the rates of the first.
      assertThat(heard.steps.getLast().learningRate())
          .isEqualTo(LearningRateSchedule.linear(1e-2, 2, STEPS).rate(STEPS));
      return trainables.stream()
          .map(
              trainable -> {
                float[] values = new float[SIZE];
                device.download(
                    values,
                    trainable
                        .table()
                        .view(
                            trainable.parameters(), trainable.table().entries().getFirst().name()));
                return values;
              })
          .toList();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16"})
  void aRunOfTwoGoesOnAsIfItHadNotStopped(DType storage) {
    List<float[]> unbroken = run("unbroken", storage, false, Integer.MAX_VALUE);
    assertThatThrownBy(() -> run("stopped", storage, false, 5)).isInstanceOf(TinyRun.Killed.class);
    List<float[]> resumed = run("stopped", storage, true, Integer.MAX_VALUE);
    for (int i = 0; i < 2; i++) {
      assertThat(resumed.get(i)).isEqualTo(unbroken.get(i));
    }
  }

  /**
   * Step 5 was the best of a run that was killed then, and went on from step 4 on another way. The
   * best of what is left is step 2, however often the run is killed after that.
   */
  @ParameterizedTest
  @ValueSource(ints = {5, 7, Integer.MAX_VALUE})
  void theBestOfTheWayThatWasGone(int killedAgain) throws IOException {
    List<float[]> second =
        run("unbroken", DType.F32, false, Integer.MAX_VALUE, 5, 3, 4, 4, 4, 4, 4);
    double[] killed = {5, 3, 4, 4, 2, 4, 4};
    assertThatThrownBy(() -> run("stopped", DType.F32, false, 5, killed))
        .isInstanceOf(TinyRun.Killed.class);
    Path best = folder.resolve("stopped.training/best");
    try (Stream<Path> files = Files.walk(best)) {
      assertThat(files.filter(Files::isRegularFile).map(file -> best.relativize(file).toString()))
          .containsExactlyInAnyOrder(
              "checkpoint-2/model.safetensors",
              "checkpoint-2/state.json",
              "checkpoint-5/model.safetensors",
              "checkpoint-5/state.json");
    }
    double[] other = {9, 9, 9, 9, 3.5, 3.25, 3.75};
    if (killedAgain <= STEPS) {
      assertThatThrownBy(() -> run("stopped", DType.F32, true, killedAgain, other))
          .isInstanceOf(TinyRun.Killed.class);
    }
    List<float[]> resumed = run("stopped", DType.F32, true, Integer.MAX_VALUE, other);
    for (int i = 0; i < 2; i++) {
      assertThat(resumed.get(i)).isEqualTo(second.get(i));
    }
  }

  @Test
  void bothStandInOneCheckpoint() {
    assertThatThrownBy(() -> run("stopped", DType.F32, false, 5))
        .isInstanceOf(TinyRun.Killed.class);
    Path checkpoint = TrainingState.latest(folder.resolve("stopped.training")).orElseThrow();
    try (SafeTensors weights = SafeTensors.open(checkpoint.resolve("model.safetensors"));
        SafeTensors moments = SafeTensors.open(checkpoint.resolve("state.safetensors"))) {
      assertThat(weights.names()).containsExactlyInAnyOrder("encoder", "head");
      assertThat(moments.names())
          .containsExactlyInAnyOrder(
              "first_moment.encoder",
              "second_moment.encoder",
              "first_moment.head",
              "second_moment.head");
    }
  }
}
