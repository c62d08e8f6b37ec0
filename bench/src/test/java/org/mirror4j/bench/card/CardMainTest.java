package org.mirror4j.bench.card;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.cli.KernelsMeasureCommand;
import org.mirror4j.file.JsonFiles;
import picocli.CommandLine;

/** cuDNN as a part of the run, with the interpreter in the card's place. */
class CardMainTest {
  @TempDir Path folder;

  private final StringWriter err = new StringWriter();

  private int run(String skip) {
    return new CommandLine(new KernelsMeasureCommand(List.of(new CudnnComparison())))
        .setErr(new PrintWriter(err, true))
        .execute("--device", "ptx", "--output", folder.resolve("r.json") + "", "--skip", skip);
  }

  @Test
  void withoutACardOneLineSaysSo() {
    assertThat(run("parity,cases,operations,fixtures,ceilings,epoch,kernels")).isZero();
    JsonNode result = JsonFiles.read(folder.resolve("r.json"));
    assertThat(result.path("cudnn").path("notRun").asText()).isEqualTo("cuDNN needs a card");
    assertThat(result.path("failures").asInt()).isZero();
  }

  @Test
  void cudnnIsAPartThatCanBeLeftOut() {
    assertThat(run("cudn")).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("--skip: no part cudn, there are [parity, ")
        .contains("kernels, cudnn]");
    assertThat(run("parity,cases,operations,fixtures,ceilings,epoch,kernels,cudnn")).isZero();
    assertThat(JsonFiles.read(folder.resolve("r.json")).has("cudnn")).isFalse();
  }
}
