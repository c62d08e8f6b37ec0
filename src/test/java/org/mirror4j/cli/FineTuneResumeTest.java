package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run of fine-tuning that is stopped from outside and goes on. */
class FineTuneResumeTest {
  private static final int EPOCHS = 60;

  @TempDir Path folder;

  private Path model;
  private Path train;
  private Path dev;

  private List<Object> command(String output, Object... more) {
    List<Object> arguments =
        new ArrayList<>(List.of("finetune", "qqp", "--model", model, "--train", train));
    arguments.addAll(List.of("--dev", dev, "--output", folder.resolve(output)));
    arguments.addAll(List.of("--epochs", EPOCHS, "--batch-size", 2, "--learning-rate", 3e-4));
    arguments.addAll(List.of("--evaluations", 1, "--checkpoint-steps", 2, "--threads", 1));
    arguments.addAll(List.of(more));
    return arguments;
  }

  /** With dropout, a dev set and the best model kept; the log too but for the seconds. */
  @Test
  void aStoppedRunGoesOnToTheSameBytes() throws IOException, InterruptedException {
    model = CommandRun.model(folder.resolve("model"));
    String header = "question1\tquestion2\tis_duplicate";
    train =
        Files.write(
            folder.resolve("train"),
            List.of(header, "is it\tit is\t1", "a cat\ta dog\t0", "why so\tso, why\t1"));
    dev = Files.write(folder.resolve("dev"), List.of(header, "a dog\tdog\t1", "is it\tcat\t0"));
    CommandRun.done(command("unbroken").toArray());

    CommandRun stopped;
    try (CommandProcess process =
        CommandProcess.start(
            folder, CommandProcess.builder(List.of(), command("stopped", "--json").toArray()))) {
      process.await(() -> Files.readString(folder.resolve("out")).contains("\"step\":5,"));
      stopped = process.end("TERM");
    }
    assertThat(stopped.exit()).isEqualTo(143);
    Matcher said =
        Pattern.compile("interrupted after step (\\d+); the same command with --resume")
            .matcher(stopped.err());
    assertThat(said.find()).as(stopped.err()).isTrue();
    assertThat(folder.resolve("stopped")).doesNotExist();

    CommandRun other = CommandRun.of(command("stopped", "--resume", "--patience", 3).toArray());
    assertThat(other.err()).contains("patience was 0 in the unfinished run, now 3");

    CommandRun resumed = CommandRun.done(command("stopped", "--resume", "--json").toArray());
    assertThat(resumed.event("started").path("firstStep").asInt())
        .isEqualTo(Integer.parseInt(said.group(1)) + 1);
    for (String file : List.of("model.safetensors", "config.json")) {
      assertThat(folder.resolve("stopped").resolve(file))
          .hasSameBinaryContentAs(folder.resolve("unbroken").resolve(file));
    }
    assertThat(log("stopped")).hasSize(2 * EPOCHS).isEqualTo(log("unbroken"));
    assertThat(folder.resolve("stopped.training")).doesNotExist();
  }

  private List<String> log(String output) throws IOException {
    return Files.readAllLines(folder.resolve(output).resolve("train.jsonl")).stream()
        .map(line -> line.replaceAll("\"seconds\":[^,}]*", ""))
        .toList();
  }
}
