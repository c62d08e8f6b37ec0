package org.mirror4j.research;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.device.ptx.count.Gpu;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;

class GpuFileTest {
  /** What a file may leave out: the same on all cards of an architecture. */
  private static final List<String> OF_ARCHITECTURE =
      List.of("sfuLanes", "registers", "sharedBytesPerCta", "reservedSharedBytes", "sharedGranule");

  @TempDir Path folder;

  private Path file(ObjectNode json) throws IOException {
    return Files.write(folder.resolve("card.json"), JsonFiles.bytes(json));
  }

  /** Datasheet by datasheet, so that the defaults are those of all cards that are known. */
  @Test
  void everyKnownCardCanBeDescribed() throws IOException {
    for (Gpu gpu : Gpu.ALL) {
      ObjectNode json = JsonRecords.write(gpu);
      assertThat(GpuFile.read(file(json))).isEqualTo(gpu);
      json.remove(OF_ARCHITECTURE);
      assertThat(GpuFile.read(file(json))).isEqualTo(gpu);
    }
  }

  @Test
  void theExampleOfTheKernelsIsACard() throws IOException {
    String text = Files.readString(Path.of("kernels/README.md"));
    int start = text.indexOf("```json\n") + "```json\n".length();
    Files.writeString(
        folder.resolve("card.json"), text.substring(start, text.indexOf("```", start)));
    Gpu gpu = GpuFile.read(folder.resolve("card.json"));
    // Multiprocessors, lanes and clock as its datasheet adds them up.
    assertThat(gpu.name()).isEqualTo("L4");
    assertThat(gpu.f32Teraflops()).isBetween(30.2, 30.4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "multiprocessors; 0; 'multiprocessors' is 0, expected more than 0",
        "clockMegahertz; 2.5; 'clockMegahertz' is 2.5, expected an integer",
        "bandwidthGigabytes; -1; 'bandwidthGigabytes' is -1, expected more than 0",
        "bandwidthGigabytes; 1e999; expected more than 0",
        "reservedSharedBytes; -1; 'reservedSharedBytes' is -1, expected 0 or more",
        "architecture; \"ada\"; 'architecture' is 'ada', expected as sm_89",
        "name; \" \"; 'name' is blank",
        "maxWarps; null; 'maxWarps' is null, expected an integer",
        "f32Lane; 128; unknown key 'f32Lane', expected some of [name, architecture, ",
        "f32Lane; 128; did you mean f32Lanes?"
      })
  void whatNoCardHasIsRefused(String key, String value, String message) throws IOException {
    ObjectNode json = JsonRecords.write(Gpu.A100);
    json.remove(key);
    String text = json.toString();
    Path file = folder.resolve("card.json");
    Files.writeString(file, "{\"%s\": %s, %s".formatted(key, value, text.substring(1)));
    assertThatThrownBy(() -> GpuFile.read(file))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(message.replace("''", "'"));
  }

  @Test
  void whatIsMissingIsNamed() throws IOException {
    for (String key : List.of("name", "architecture", "sharedBytes", "tensorTeraflops")) {
      ObjectNode json = JsonRecords.write(Gpu.H100);
      json.remove(key);
      Path file = file(json);
      assertThatThrownBy(() -> GpuFile.read(file)).hasMessageContaining("'" + key + "' missing");
    }
    Path none = folder.resolve("none.json");
    assertThatThrownBy(() -> GpuFile.read(none))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("no such file");
    Files.writeString(none, "[1]");
    assertThatThrownBy(() -> GpuFile.read(none)).hasMessageContaining("expected an object");
  }
}
