package org.mirror4j.method.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.task.ToyHead;
import org.mirror4j.train.StepRecord;
import org.mirror4j.train.TinyRun;
import org.mirror4j.train.TrainingTask;

/** A written model scores what it scored while it was trained. */
class FineTunedScoresTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(ToyHead.class)
  void asWhileItTrained(ToyHead head) {
    FineTuningSettings settings = ToyRun.settings().with(Map.of("epochs", 3));
    try (Device device = new HostDevice(1)) {
      Path model = TinyRun.model(folder.resolve("model"), TinyRun.parameters());
      ToyRun run = ToyRun.of(folder, model, head);
      Path output = folder.resolve("out");
      StepRecord best = ToyRun.best(run.run(device, settings, output).steps);
      TrainingTask.HeldOut scores =
          new TrainingTask.Scores(
              FineTunedScores.of(
                  device, Precision.F32, output, run.method(settings).reader(), settings, _ -> {}));
      assertThat(scores).isEqualTo(best.heldOut().orElseThrow());
    }
  }
}
