package org.mirror4j.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.support.RealModels;

/** Google's BERTs predict what transformers has them predict: {@code golden/fill_mask.py}. */
class FillMaskGoldenTest {
  @ParameterizedTest
  @ValueSource(strings = {"bert-base-cased", "bert-base-uncased"})
  void tokensAndProbabilities(String name) {
    Path directory = RealModels.require(name);
    JsonNode expected =
        JsonFiles.read(Path.of("src/test/resources/golden/fill-mask.json"))
            .path("models")
            .path(name);
    assertThat(expected).hasSize(20);
    List<String> texts = new ArrayList<>();
    expected.forEach(text -> texts.add(text.path("text").asText()));
    List<FilledText> filled = new ArrayList<>();
    try (Device device = new HostDevice(Runtime.getRuntime().availableProcessors());
        MaskFiller filler =
            new MaskFiller(
                device, directory, name, new MaskFiller.Options(5, false, Precision.F32))) {
      filler.fill(texts.stream().map(filler::read).toList(), filled::add);
    }
    for (int i = 0; i < texts.size(); i++) {
      assertThat(filled.get(i).text().text()).isEqualTo(texts.get(i));
      compare(expected.get(i), filled.get(i).masks());
    }
  }

  private static void compare(JsonNode text, List<Mask> masks) {
    assertThat(masks).as(text.path("text").asText()).hasSameSizeAs(text.path("masks"));
    for (int i = 0; i < masks.size(); i++) {
      JsonNode mask = text.path("masks").get(i);
      for (int j = 0; j < 5; j++) {
        Mask.Token token = masks.get(i).tokens().get(j);
        assertThat(token.token())
            .as(text.path("text").asText())
            .isEqualTo(mask.path("tokens").get(j).asText());
        assertThat(token.id()).isEqualTo(mask.path("ids").get(j).asInt());
        // Two engines in f32; the largest difference was 4e-6.
        assertThat(token.probability())
            .isCloseTo(mask.path("probabilities").get(j).asDouble(), within(1e-4));
      }
    }
  }
}
