package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that differ in their seed alone. */
class FineTuneSeedsTest {
  private static final String HEADER = "question1\tquestion2\tis_duplicate";

  @TempDir Path folder;

  private Path model;
  private Path train;
  private Path dev;

  @BeforeEach
  void writeInputs() throws IOException {
    model = CommandRun.model(folder.resolve("model"));
    List<String> pairs = List.of(HEADER, "is it\tit is\t1", "a cat\ta dog\t0", "why so\tso\t1");
    train = Files.write(folder.resolve("train"), pairs);
    dev = Files.write(folder.resolve("dev"), List.of(HEADER, "a dog\tdog\t1", "is it\tcat\t0"));
  }

  private Object[] command(String output, Object... more) {
    List<Object> arguments = new ArrayList<>(List.of("finetune", "qqp", "--model", model));
    arguments.addAll(List.of("--train", train, "--output", folder.resolve(output)));
    arguments.addAll(List.of("--batch-size", 2, "--learning-rate", 1e-3, "--threads", 1));
    arguments.addAll(List.of(more));
    return arguments.toArray();
  }

  private Object[] seeds(int seeds, String output, int epochs, Object... more) {
    List<Object> arguments = new ArrayList<>(List.of(command(output, "--dev", dev)));
    arguments.addAll(List.of("--seeds", seeds, "--epochs", epochs, "--evaluations", 1));
    arguments.addAll(List.of(more));
    return arguments.toArray();
  }

  private JsonNode report(String output) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(output).resolve("seeds.json").toFile());
  }

  private byte[] weights(String output) throws IOException {
    return Files.readAllBytes(folder.resolve(output).resolve("model.safetensors"));
  }

  private static void fails(int exit, String message, CommandRun run) {
    assertThat(run.err().lines().filter(line -> line.startsWith("mirror4j: ")))
        .singleElement()
        .asString()
        .contains(message);
    assertThat(run.exit()).isEqualTo(exit);
  }

  /** Each is the model of a run of its own, and more of them may be asked for later. */
  @Test
  void aModelASeed() throws IOException {
    CommandRun.done(command("alone", "--dev", dev, "--epochs", 2, "--seed", 8, "--evaluations", 1));
    CommandRun run = CommandRun.done(seeds(2, "out", 2, "--seed", 7));
    assertThat(weights("out/seed-8")).isEqualTo(weights("alone"));
    assertThat(weights("out/seed-7")).isNotEqualTo(weights("alone"));
    assertThat(run.out())
        .containsPattern("(?m)^seed +step +mean +F1 +accuracy$")
        .containsPattern("(?m)^7 +[24]( +[0-9.]+){3}$")
        .containsPattern("(?m)^mean( +[0-9.]+){3}$")
        .containsPattern("(?m)^standard deviation( +[0-9.]+){3}$")
        .containsPattern("(?m)^best on the dev set: seed-[78]$")
        .containsPattern("(?m)^written to .*/out in ");

    fails(1, "seed-7", CommandRun.of(seeds(2, "out", 2, "--seed", 7)));
    CommandRun more = CommandRun.done(seeds(3, "out", 2, "--seed", 7, "--resume", "--json"));
    assertThat(more.events("seed"))
        .extracting(seed -> seed.path("seed").asInt())
        .containsExactly(7, 8, 9);
    assertThat(more.events("step")).as("of one seed").hasSize(4);
    JsonNode report = report("out");
    double sum = 0;
    for (JsonNode seed : report.path("seeds")) {
      assertThat(folder.resolve("out").resolve(seed.path("folder").asText())).isDirectory();
      sum += seed.path("scores").path("mean").doubleValue();
    }
    assertThat(report.path("seeds")).hasSize(3);
    assertThat(report.path("mean").path("mean").doubleValue()).isCloseTo(sum / 3, within(1e-9));
    assertThat(report.path("standardDeviation").properties()).hasSize(3);
    assertThat(more.event("finished").path("best")).isEqualTo(report.path("best"));
  }

  /** As in whatever is made of them, the smallest comes after the largest. */
  @Test
  void theSeedAfterTheLast() throws IOException {
    CommandRun.done(seeds(2, "out", 1, "--seed", Long.MAX_VALUE));
    assertThat(report("out").path("seeds"))
        .extracting(seed -> seed.path("seed").longValue())
        .containsExactly(Long.MAX_VALUE, Long.MIN_VALUE);
  }

  @Test
  void whatWasStoppedGoesOnToTheSameBytes() throws IOException, InterruptedException {
    int epochs = 40;
    CommandRun.done(seeds(2, "whole", epochs));
    Path said = Files.createDirectories(folder.resolve("said"));
    CommandRun stopped;
    try (CommandProcess process =
        CommandProcess.start(
            said, CommandProcess.builder(List.of(), seeds(2, "out", epochs, "--json")))) {
      process.await(
          () -> Files.readString(said.resolve("out")).matches("(?s).*\"seed\":43.*\"step\":5,.*"));
      stopped = process.end("TERM");
    }
    assertThat(stopped.exit()).isEqualTo(143);
    assertThat(report("out").path("seeds")).as("of what is done").hasSize(1);
    CommandRun resumed = CommandRun.done(seeds(2, "out", epochs, "--resume", "--json"));
    assertThat(resumed.events("step")).hasSizeLessThan(2 * epochs);
    for (String seed : List.of("seed-42", "seed-43")) {
      assertThat(weights("out/" + seed)).isEqualTo(weights("whole/" + seed));
    }
    assertThat(report("out")).isEqualTo(report("whole"));
  }

  /** With the first one goes what the others would replace: all can be gone on with then. */
  @Test
  void allAreReplaced() throws IOException {
    CommandRun.done(seeds(2, "out", 1));
    byte[] before = weights("out/seed-43");
    Path good = train;
    train = Files.writeString(folder.resolve("bad"), "no header\n");
    fails(1, "bad:1", CommandRun.of(seeds(2, "out", 2, "--overwrite")));
    assertThat(weights("out/seed-43")).isEqualTo(before);
    train = good;
    CommandRun.done(seeds(2, "out", 2, "--overwrite"));
    assertThat(weights("out/seed-43")).isNotEqualTo(before);
    assertThat(report("out").path("seeds")).hasSize(2);
  }

  @Test
  void whatIsRefused() throws IOException {
    fails(2, "--seeds is 0, expected at least 1", CommandRun.of(seeds(0, "out", 1)));
    fails(
        2,
        "--seeds needs --dev, on which the models are scored",
        CommandRun.of(command("out", "--seeds", 2)));
    fails(
        1,
        "out/seed-42.training: no unfinished run to resume",
        CommandRun.of(seeds(2, "out", 1, "--resume")));
    fails(
        1,
        model + ": holds a model, expected a folder for a model a seed, or nothing",
        CommandRun.of(seeds(2, "model", 1)));
    CommandRun.done(seeds(1, "out", 1, "--seed", 43));
    fails(1, "seed-43", CommandRun.of(seeds(2, "out", 1)));
    assertThat(folder.resolve("out/seed-42")).as("asked before the first is made").doesNotExist();
    model = folder.resolve("out/seed-43");
    fails(1, "seed-43: would replace the input", CommandRun.of(seeds(2, "out", 1, "--overwrite")));
  }
}
