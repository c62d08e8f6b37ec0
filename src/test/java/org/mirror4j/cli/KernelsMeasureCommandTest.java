package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.device.cuda.CudaDriverLibrary;
import org.mirror4j.file.JsonFiles;

/** The run on a card, with the interpreter in the card's place. */
class KernelsMeasureCommandTest {
  @TempDir Path folder;

  private JsonNode measure(Object... options) {
    Path file = folder.resolve("result.json");
    List<Object> arguments = new ArrayList<>(List.of("kernels", "measure", "--device", "ptx"));
    arguments.addAll(List.of("--output", file));
    arguments.addAll(List.of(options));
    CommandRun.done(arguments.toArray());
    return JsonFiles.read(file);
  }

  /** Names of operations, with recipe and precision, whose results are off. */
  private static List<String> wrong(JsonNode result) {
    List<String> wrong = new ArrayList<>();
    for (Map.Entry<String, JsonNode> run : result.path("operations").properties()) {
      for (Map.Entry<String, JsonNode> operation : run.getValue().properties()) {
        if (!operation.getValue().path("holds").asBoolean()) {
          wrong.add(run.getKey() + " " + operation.getKey());
        }
      }
    }
    return wrong;
  }

  @Test
  void everyPartButTheLongOnesRunsWithoutACard() {
    JsonNode result = measure("--skip", "parity,epoch");
    assertThat(result.path("failures").asInt()).isZero();
    assertThat(result.path("cases").path("bf16").size()).isGreaterThan(25);
    for (String storage : List.of("f32", "f16", "bf16")) {
      assertThat(result.path("cases").path(storage)).allMatch(row -> row.path("holds").asBoolean());
    }
    assertThat(result.path("operations").path("word f16").size()).isGreaterThan(15);
    assertThat(wrong(result)).isEmpty();
    assertThat(result.path("fixtures").path("files").asInt()).isGreaterThan(200);
    assertThat(result.path("fixtures").path("equal").asInt())
        .isEqualTo(result.path("fixtures").path("files").asInt());
    assertThat(result.path("ceilings").path("flopsPerSecond").size()).isEqualTo(4);
    for (String run : List.of("word f16", "word f32", "sentence f16", "sentence f32")) {
      JsonNode launches = result.path("kernels").path(run).path("launches");
      assertThat(launches).hasSizeGreaterThan(20);
      assertThat(launches).allMatch(launch -> launch.path("shareOfCeiling").asDouble() > 0);
      assertThat(launches)
          .extracting(launch -> launch.path("scalars").path("epsilon"))
          .filteredOn(epsilon -> !epsilon.isMissingNode())
          .isNotEmpty()
          .allMatch(epsilon -> epsilon.asDouble() > 0 && epsilon.asDouble() < 1e-4);
    }
  }

  /** A bias that is subtracted is seen in the operation that has it, and in no other. */
  @Test
  void aWrongKernelIsSeen() throws IOException {
    Path kernels = Files.createDirectory(folder.resolve("kernels"));
    String right = Files.readString(Path.of("kernels/bias_gelu_forward.ptx"));
    String wrong = right.replace("add.rn.f32 %f_x0, %f_next0", "sub.rn.f32 %f_x0, %f_next0");
    assertThat(wrong).isNotEqualTo(right);
    Files.writeString(kernels.resolve("bias_gelu_forward.ptx"), wrong);
    JsonNode result =
        measure("--skip", "parity,fixtures,ceilings,epoch,kernels", "--kernels", kernels);
    assertThat(wrong(result)).isNotEmpty().allMatch(name -> name.endsWith(" biasGelu"));
    for (Map.Entry<String, JsonNode> row : result.path("cases").path("f32").properties()) {
      assertThat(row.getValue().path("holds").asBoolean())
          .as(row.getKey())
          .isEqualTo(!row.getKey().matches("biasGelu( tanh)?"));
    }
  }

  @Test
  void aPartThatFailsLeavesTheOthers() {
    JsonNode result =
        measure(
            "--skip",
            "parity,cases,operations,epoch,kernels",
            "--fixtures",
            folder.resolve("nothing"));
    assertThat(result.path("failures").asInt()).isEqualTo(1);
    assertThat(result.path("fixtures").path("failure").asText()).contains("nothing");
    assertThat(result.path("ceilings").path("bytesPerSecond").path("copy").asDouble()).isPositive();
  }

  @Test
  void withoutADriverOneLineSaysWhatIsMissing() {
    System.setProperty(CudaDriverLibrary.PROPERTY, folder.resolve("libcuda.so.1").toString());
    try {
      CommandRun run =
          CommandRun.of("kernels", "measure", "--output", folder.resolve("result.json"));
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.err().lines()).singleElement().asString().contains("no NVIDIA driver");
    } finally {
      System.clearProperty(CudaDriverLibrary.PROPERTY);
    }
  }

  @Test
  void unknownPartsAndDevicesAreWrongUsage() {
    Path file = folder.resolve("result.json");
    CommandRun part = CommandRun.of("kernels", "measure", "--output", file, "--skip", "lunch");
    assertThat(part.exit()).isEqualTo(2);
    assertThat(part.err()).contains("lunch").contains("parity");
    CommandRun device = CommandRun.of("kernels", "measure", "--output", file, "--device", "tpu");
    assertThat(device.exit()).isEqualTo(2);
    assertThat(device.err()).contains("tpu");
  }
}
