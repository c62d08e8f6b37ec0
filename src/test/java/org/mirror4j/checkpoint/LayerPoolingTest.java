package org.mirror4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

class LayerPoolingTest {
  @TempDir Path folder;
  private Path target;

  @BeforeEach
  void name() {
    target = folder.resolve("model");
  }

  private void write(String pooling, int layers) {
    ObjectNode config = JsonFiles.object().put("hidden_size", 2).put("num_hidden_layers", layers);
    ModelOutput.write(
        target,
        new ModelContents(
            config,
            List.of(
                new TensorEntry(
                    "w", DType.F32, Shape.of(1), MemorySegment.ofArray(new float[] {1}))),
            new ModelSettings(Optional.of(pooling), OptionalInt.of(9), Optional.empty()),
            path -> Files.writeString(path.resolve("vocab.txt"), "[PAD]")),
        false);
  }

  /** Layers that the library takes, counted from the embeddings; empty where its last is enough. */
  @ParameterizedTest
  @CsvSource({
    "first-last-avg, 1, ''",
    "first-last-avg, 2, 1 1",
    "first-last-avg, 3, 1 0 1",
    "first-last-avg, 12, 1 0 0 0 0 0 0 0 0 0 0 1",
    "last-2-avg, 2, 1 1",
    "last-2-avg, 3, 0 1 1",
    "last-2-avg, 12, 0 0 0 0 0 0 0 0 0 0 1 1",
    "mean, 3, ''"
  })
  void whatIsWrittenIsRead(String pooling, int layers, String weights) {
    write(pooling, layers);
    Path module = target.resolve("1_WeightedLayerPooling");
    assertThat(Files.exists(module)).isEqualTo(!weights.isEmpty());
    assertThat(JsonFiles.readObject(target.resolve("config.json")).has("output_hidden_states"))
        .isEqualTo(!weights.isEmpty());
    if (!weights.isEmpty()) {
      try (SafeTensors tensors = SafeTensors.open(module.resolve("model.safetensors"))) {
        MemorySegment values = MemorySegment.ofArray(new float[layers]);
        assertThat(tensors.readFloats("layer_weights", values)).isTrue();
        StringBuilder found = new StringBuilder();
        for (float value : (float[]) values.heapBase().orElseThrow()) {
          found.append(found.isEmpty() ? "" : " ").append((int) value);
        }
        assertThat(found).hasToString(weights);
      }
    }
    ModelDirectory model = ModelDirectory.open(target);
    assertThat(model.settings().pooling()).contains(pooling);
    assertThat(model.settings().maxLength()).hasValue(9);
  }

  /** A model of the library has no file of ours, and perhaps embeddings among its layers. */
  @Test
  void filesOfTheLibraryAloneAreEnough() throws IOException {
    write("last-2-avg", 4);
    Files.delete(target.resolve("mirror4j.json"));
    assertThat(ModelDirectory.open(target).settings().pooling()).contains("last-2-avg");
    weights(0, 2.5f, 0, 0, 2.5f);
    start(0);
    assertThat(ModelDirectory.open(target).settings().pooling()).contains("first-last-avg");
  }

  private void start(int first) throws IOException {
    Path file = target.resolve("1_WeightedLayerPooling/config.json");
    Files.write(file, JsonFiles.bytes(JsonFiles.readObject(file).put("layer_start", first)));
  }

  private void weights(float... weights) throws IOException {
    Path file = target.resolve("1_WeightedLayerPooling/model.safetensors");
    Files.delete(file);
    SafeTensorsWriter.write(
        file,
        Map.of(),
        List.of(
            new TensorEntry(
                "layer_weights",
                DType.F32,
                Shape.of(weights.length),
                MemorySegment.ofArray(weights))));
  }

  private void expectRefused(String message) {
    assertThatThrownBy(() -> ModelDirectory.open(target).settings())
        .isInstanceOf(FileException.class)
        .hasMessageContaining(message);
  }

  @Test
  void whatCannotBeComputedIsRefused() throws IOException {
    write("first-last-avg", 4);
    weights(1, 0, 0, 2);
    expectRefused("layers have the weights 1.0 and 2.0, expected equal ones or 0");
    weights(0, 1, 0, 1);
    expectRefused(
        "takes the layers [2, 4] of 0 to 4, expected the first and the last, or the last two");
    weights(0, 0, 0, 0);
    expectRefused("takes the layers [] of 0 to 4");
    weights(1, 0, 0, Float.NaN);
    expectRefused("tensor layer_weights holds a value that is not finite");
    weights(1, 0, 1);
    expectRefused("expected the tensor layer_weights of shape [4] alone");
    weights(0, 0, 1, 1);
    expectRefused("pooling is first-last-avg in mirror4j.json, but last-2-avg in the files");
    start(5);
    expectRefused("layers are 5 to 4, expected some of 0 to 4, as the model has them");
    start(1);
    weights(1, 0, 0, 1);
    assertThat(ModelDirectory.open(target).settings().pooling()).contains("first-last-avg");
    Path pooling = target.resolve("2_Pooling/config.json");
    byte[] right = Files.readAllBytes(pooling);
    Files.writeString(pooling, "{\"pooling_mode\":\"cls\"}");
    expectRefused("pooling is cls behind WeightedLayerPooling, expected mean");
    Files.write(pooling, right);
    Files.delete(target.resolve("1_WeightedLayerPooling/model.safetensors"));
    expectRefused("model.safetensors: no such file, expected the weights of layers");
    Path config = target.resolve("config.json");
    ObjectNode json = JsonFiles.readObject(config);
    json.remove("output_hidden_states");
    Files.write(config, JsonFiles.bytes(json));
    expectRefused("without which the library takes the last alone");
  }
}
