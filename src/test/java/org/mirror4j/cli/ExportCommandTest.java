package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportCommandTest {
  @TempDir Path folder;

  @Test
  void writesADirectoryAndSaysWhatIsInIt() throws Exception {
    Path model = CommandRun.model(folder.resolve("model"));
    Path output = folder.resolve("exported");
    CommandRun run =
        CommandRun.done(
            "export",
            "onnx",
            "--model",
            model,
            "--output",
            output,
            "--precision",
            "int8",
            "--json");
    JsonNode finished = run.objects().getLast();
    assertThat(finished.path("event").asText()).isEqualTo("finished");
    assertThat(finished.path("precision").asText()).isEqualTo("int8");
    assertThat(finished.path("pooling").asText()).isEqualTo("mean");
    assertThat(finished.path("bytes").asLong()).isEqualTo(Files.size(output.resolve("model.onnx")));
    assertThat(run.out()).contains("says no pooling, as it is not tuned: taking mean");
    assertThat(run.err()).isEmpty();
    assertThat(output)
        .isDirectoryContaining("glob:**/{config,tokenizer,tokenizer_config}.json")
        .isDirectoryContaining("glob:**/README.md");

    CommandRun again = CommandRun.of("export", "onnx", "--model", model, "--output", output);
    assertThat(again.exit()).isEqualTo(1);
    assertThat(again.err()).contains("exists already and is not empty");
    CommandRun over =
        CommandRun.done("export", "onnx", "--model", model, "--output", output, "--overwrite");
    assertThat(over.out()).startsWith("written to " + output + ": vectors of ");
  }

  @Test
  void neverInPlaceOfTheModel() {
    Path model = CommandRun.model(folder.resolve("model"));
    CommandRun run =
        CommandRun.of("export", "onnx", "--model", model, "--output", model, "--overwrite");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("would replace the input");
    assertThat(model.resolve("model.safetensors")).exists();
  }

  @Test
  void wrongUsage() {
    CommandRun group = CommandRun.of("export");
    assertThat(group.exit()).isEqualTo(2);
    assertThat(group.err()).startsWith("mirror4j: a command is missing");
    CommandRun precision =
        CommandRun.of(
            "export", "onnx", "--model", "bundled", "--output", "out", "--precision", "int4");
    assertThat(precision.exit()).isEqualTo(2);
    assertThat(precision.err()).contains("'int4', expected f32, f16, int8");
  }
}
