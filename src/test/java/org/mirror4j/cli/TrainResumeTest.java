package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that is stopped from outside and goes on. */
class TrainResumeTest {
  private static final int STEPS = 80;

  @TempDir Path folder;

  @Test
  void aStoppedRunGoesOnToTheSameBytes() throws Exception {
    Path model = CommandRun.model(folder.resolve("model"));
    Path corpus = folder.resolve("corpus.txt");
    Files.write(
        corpus, IntStream.range(0, 40).mapToObj(i -> "word " + Integer.toString(i, 5)).toList());
    CommandRun.done(train(model, corpus, "unbroken").toArray());

    Path output = folder.resolve("stopped");
    Path training = folder.resolve("stopped.training");
    Path log = folder.resolve("log.txt");
    Process process = start(train(model, corpus, "stopped"), log);
    try {
      waitForCheckpoint(process, training, log);
      process.destroy();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(143);
    } finally {
      process.destroyForcibly();
    }
    Matcher said =
        Pattern.compile(
                "(?m)^mirror4j: interrupted after step (\\d+); the same command with --resume goes"
                    + " on from step \\1$")
            .matcher(Files.readString(log));
    assertThat(said.find()).as(() -> read(log)).isTrue();
    int done = Integer.parseInt(said.group(1));
    assertThat(output).doesNotExist();

    CommandRun refused = CommandRun.of(train(model, corpus, "stopped").toArray());
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err()).contains("an unfinished run is there", "--resume", "--overwrite");

    List<Object> other = train(model, corpus, "stopped");
    other.addAll(List.of("--resume", "--seed", 43));
    assertThat(CommandRun.of(other.toArray()).err())
        .contains("seed was 42 in the unfinished run, now 43");

    List<Object> resume = train(model, corpus, "stopped");
    resume.addAll(List.of("--resume", "--json"));
    CommandRun resumed = CommandRun.done(resume.toArray());
    assertThat(resumed.event("started").path("firstStep").asInt()).isEqualTo(done + 1);
    assertThat(Files.mismatch(weights("unbroken"), weights("stopped"))).isEqualTo(-1);
    assertThat(Files.readAllLines(output.resolve("train.jsonl"))).hasSize(STEPS);
    assertThat(training).doesNotExist();
  }

  private Path weights(String output) {
    return folder.resolve(output).resolve("model.safetensors");
  }

  private List<Object> train(Path model, Path corpus, String output) {
    return new ArrayList<>(
        List.of(
            "train",
            "--model",
            model,
            "--corpus",
            corpus,
            "--output",
            folder.resolve(output),
            "--batch-size",
            8,
            "--epochs",
            STEPS / 5,
            "--checkpoint-steps",
            2));
  }

  private static Process start(List<Object> arguments, Path log) throws IOException {
    return CommandProcess.builder(List.of(), arguments.toArray())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private static void waitForCheckpoint(Process process, Path training, Path log) throws Exception {
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (!hasCheckpoint(training)) {
      assertThat(process.isAlive() && System.nanoTime() < end)
          .as(() -> "no checkpoint: " + read(log))
          .isTrue();
      Thread.sleep(5);
    }
  }

  private static boolean hasCheckpoint(Path training) throws IOException {
    if (!Files.isDirectory(training)) {
      return false;
    }
    try (Stream<Path> files = Files.list(training)) {
      return files.anyMatch(file -> file.getFileName().toString().startsWith("checkpoint-"));
    }
  }

  private static String read(Path log) {
    try {
      return Files.readString(log, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
