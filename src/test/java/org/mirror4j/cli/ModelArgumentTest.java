package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.encode.Bundled;
import org.mirror4j.file.FileException;

class ModelArgumentTest {
  @TempDir Path folder;
  private final StringWriter said = new StringWriter();
  private final Console console = new Console(new PrintWriter(said), new PrintWriter(said), false);

  private Path path(String argument) {
    try (Bundled bundled = Bundled.open()) {
      Path path = new ModelArgument(argument).path(console, bundled);
      assertThat(path).exists();
      return path;
    }
  }

  @Test
  void bundledIsTheModelOfTheProgramAndAllElseAPath() throws IOException {
    Path own = Files.createDirectory(folder.resolve("bundled"));
    assertThat(path(own.toString())).isEqualTo(own);
    assertThat(path("./src")).isEqualTo(Path.of("./src"));
    assertThat(path("bundled")).isNotEqualTo(Path.of("bundled"));
    assertThat(said.toString()).isEmpty();
  }

  @Test
  void whatIsNotThereIsNamedWithWhatMayHaveBeenMeant() throws IOException {
    Files.createDirectory(folder.resolve("tuned-model"));
    assertThatThrownBy(() -> path(folder.resolve("tuned-mdoel").toString()))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(folder.resolve("tuned-mdoel") + ": no such file or directory, exp")
        .hasMessageEndingWith("; did you mean " + folder.resolve("tuned-model") + "?");
    assertThatThrownBy(() -> path(folder.resolve("other").toString()))
        .hasMessageEndingWith("or bundled for the model that comes with the program");
    assertThatThrownBy(() -> path("bundles")).hasMessageEndingWith("; did you mean bundled?");
  }

  /** Every command that takes a model takes this one. */
  @Test
  void everyCommandTakesTheBundledModel() throws IOException {
    Path words =
        Files.write(
            folder.resolve("words.txt"),
            IntStream.range(0, 200).mapToObj(i -> "word " + i).toList());
    CommandRun embed = CommandRun.embed("bundled", words, folder.resolve("v.npy"));
    assertThat(embed.err()).as("where it is unpacked, or its head").doesNotContain(".mirror4j-");
    Path copy = folder.resolve("copy");
    CommandRun.done("convert", "bundled", copy);
    assertThat(copy.resolve("model.safetensors")).exists();
    CommandRun epoch =
        CommandRun.done(
            "kernels",
            "epoch",
            "--recipe",
            "word",
            "--corpus",
            words,
            "--model",
            "bundled",
            "--json");
    assertThat(epoch.event("epoch").path("model").asText()).isEqualTo("bundled");
    CommandRun train =
        CommandRun.done(
            "train",
            "--model",
            "bundled",
            "--corpus",
            words,
            "--batch-size",
            2,
            "--max-steps",
            1,
            "--output",
            folder.resolve("tuned"),
            "--json");
    assertThat(train.out() + train.err()).doesNotContain(".mirror4j-");
  }
}
