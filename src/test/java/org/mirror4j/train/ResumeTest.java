package org.mirror4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.checkpoint.CheckpointException;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;

/** Runs that stop and go on end as if they had not stopped. */
class ResumeTest {
  private static final int CHECKPOINT_STEPS = 2;
  private static final RunOptions NEW = new RunOptions(CHECKPOINT_STEPS, false, false);
  private static final RunOptions RESUME = new RunOptions(CHECKPOINT_STEPS, true, false);
  private static final RunOptions OVERWRITE = new RunOptions(CHECKPOINT_STEPS, false, true);

  @TempDir Path folder;
  private Path model;
  private Path corpus;

  @BeforeEach
  void makeModelAndCorpus() {
    model = TinyRun.model(folder.resolve("base"), TinyRun.parameters());
    corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(14, 8));
  }

  /**
   * Three epochs of three steps with a checkpoint every second: killed before the first, at one,
   * between two, and in another epoch.
   */
  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "3, 3", "5, 5", "9, 9"})
  void training(int lastStep, int firstStep) throws IOException {
    train("unbroken", NEW, new TinyRun.Recorder());
    kill("out", lastStep);
    // A kill may cut the line that is being written.
    Path log = folder.resolve("out.training/train.jsonl");
    Files.writeString(log, "{\"step\":7,\"lo", StandardOpenOption.APPEND);
    TinyRun.Recorder heard = new TinyRun.Recorder();
    train("out", RESUME, heard);
    assertThat(heard.firstStep).isEqualTo(firstStep);
    requireSame(9);
  }

  @Test
  void pretraining() throws IOException {
    List<String> texts = TinyRun.texts(120, 9);
    Path prose = TinyRun.write(folder.resolve("prose"), texts);
    try (Device device = new HostDevice(2)) {
      Path unbroken = folder.resolve("unbroken");
      Pretraining.run(device, TinyRun.pretraining(prose, unbroken, 1, NEW), new TinyRun.Recorder());
      Path output = folder.resolve("out");
      assertThatThrownBy(
              () ->
                  Pretraining.run(
                      device, TinyRun.pretraining(prose, output, 1, NEW), new TinyRun.Recorder(5)))
          .isInstanceOf(TinyRun.Killed.class);
      TinyRun.Recorder heard = new TinyRun.Recorder();
      Pretraining.run(device, TinyRun.pretraining(prose, output, 1, RESUME), heard);
      assertThat(heard.firstStep).isEqualTo(5);
    }
    requireSame(6);
    List<JsonNode> log = TinyRun.log(folder.resolve("out"));
    assertThat(log)
        .extracting(step -> step.path("heldOutLoss").isMissingNode())
        .containsExactly(true, true, false, true, true, false);
  }

  private void requireSame(int steps) throws IOException {
    Path unbroken = folder.resolve("unbroken");
    Path output = folder.resolve("out");
    assertThat(TinyRun.weights(output)).isEqualTo(TinyRun.weights(unbroken));
    List<JsonNode> log = TinyRun.log(output);
    assertThat(log)
        .extracting(step -> step.path("step").asInt())
        .isEqualTo(IntStream.rangeClosed(1, steps).boxed().toList());
    for (String value : List.of("loss", "epoch", "learningRate", "tokens", "heldOutLoss")) {
      assertThat(log)
          .extracting(step -> step.path(value))
          .isEqualTo(TinyRun.log(unbroken).stream().map(step -> step.path(value)).toList());
    }
    assertThat(folder.resolve("out.training")).doesNotExist();
  }

  @Test
  void otherSettingsAreRefused() {
    kill("out", 3);
    assertThatThrownBy(
            () -> train("out", TinyRun.mirrorSettings(3, 4, 43), RESUME, new TinyRun.Recorder()))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(
            folder.resolve("out.training")
                + ": seed was 42 in the unfinished run, now 43; use the same or --overwrite");
  }

  @Test
  void otherCorpusIsRefused() {
    kill("out", 3);
    TinyRun.write(corpus, TinyRun.texts(14, 9));
    assertThatThrownBy(() -> train("out", RESUME, new TinyRun.Recorder()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("dataHash was")
        .hasMessageEndingWith("use the same or --overwrite");
  }

  @Test
  void cutCheckpointIsRefused() throws IOException {
    kill("out", 3);
    Path moments = folder.resolve("out.training/checkpoint-2/state.safetensors");
    try (FileChannel channel = FileChannel.open(moments, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 4);
    }
    assertThatThrownBy(() -> train("out", RESUME, new TinyRun.Recorder()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(moments.toString());
  }

  @Test
  void unfinishedRunIsNotLost() throws IOException {
    kill("out", 3);
    assertThatThrownBy(() -> train("out", NEW, new TinyRun.Recorder()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("--resume")
        .hasMessageContaining("--overwrite");
    TinyRun.Recorder heard = new TinyRun.Recorder();
    train("out", OVERWRITE, heard);
    assertThat(heard.firstStep).isEqualTo(1);
    train("unbroken", NEW, new TinyRun.Recorder());
    requireSame(9);
  }

  @Test
  void nothingToResume() {
    assertThatThrownBy(() -> train("out", RESUME, new TinyRun.Recorder()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("no unfinished run to resume");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  private void kill(String output, int lastStep) {
    assertThatThrownBy(() -> train(output, NEW, new TinyRun.Recorder(lastStep)))
        .isInstanceOf(TinyRun.Killed.class);
    assertThat(folder.resolve(output)).doesNotExist();
  }

  private void train(String output, RunOptions options, TinyRun.Recorder recorder) {
    train(output, TinyRun.mirrorSettings(3, 4, 42), options, recorder);
  }

  private void train(
      String output, MirrorSettings settings, RunOptions options, TinyRun.Recorder recorder) {
    try (Device device = new HostDevice(2)) {
      MirrorTraining.run(
          device,
          TinyRun.request(model, corpus, folder.resolve(output), settings, options),
          recorder);
    }
  }
}
