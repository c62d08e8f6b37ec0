package org.mirror4j.onnx;

import ai.djl.engine.Engine;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.mirror4j.DeviceChoice;
import org.mirror4j.Encoder;
import org.mirror4j.EncoderSettings;

/** Model directories made of the golden models, which are small and random, and texts for them. */
final class SmallModels {
  private static final Path GOLDEN = Path.of("../../src/test/resources/golden");

  private static final ObjectMapper JSON = new ObjectMapper();

  /** From one piece to more than fit; punctuation, capitals, accents, what no vocabulary has. */
  static final List<String> TEXTS =
      List.of(
          "a",
          "the cat sat",
          "Two green birds fly home",
          "cold",
          "Bread & salt!",
          "what is it about that river, and is it cold in the stream of it",
          "Ünïcode ǅ 中文 🙂",
          "salt",
          "x y z x y z x y z x y z x y z x y z x y z x y z x y z x y z x y z x y z",
          "the stream");

  private SmallModels() {}

  /** DJL makes ONNX Runtime's one environment of a process itself, and fails where there is one. */
  static void environment() {
    Engine.getEngine("OnnxRuntime");
  }

  /**
   * A copy of a golden model.
   *
   * @param family bert or roberta
   * @param settings content of mirror4j.json, with quotes for double quotes; empty for none
   */
  static Path of(Path directory, String family, String settings) throws IOException {
    Files.createDirectories(directory);
    for (String file :
        List.of("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")) {
      Files.copy(GOLDEN.resolve(family).resolve(file), directory.resolve(file));
    }
    if (!settings.isEmpty()) {
      write(directory, "mirror4j.json", settings);
    }
    return directory;
  }

  /** Puts the golden Dense modules, pooling and Normalize around a model of their width. */
  static void addDense(Path directory) throws IOException {
    Path dense = GOLDEN.resolve("dense");
    try (Stream<Path> files = Files.walk(dense)) {
      for (Path file : files.filter(path -> !path.equals(dense)).toList()) {
        Files.copy(file, directory.resolve(dense.relativize(file)));
      }
    }
  }

  /** Writes a file of JSON, with single quotes for double ones. */
  static void write(Path directory, String file, String json) throws IOException {
    Files.writeString(directory.resolve(file), json.replace('\'', '"'));
  }

  /** Changes a key of the configuration. */
  static void configure(Path directory, String key, String value) throws IOException {
    Path file = directory.resolve("config.json");
    ObjectNode config = (ObjectNode) JSON.readTree(file.toFile());
    JSON.writeValue(file.toFile(), config.put(key, value));
  }

  /** The model in our own engine. */
  static Encoder encoder(Path directory) {
    return Encoder.load(
        directory, EncoderSettings.DEFAULT.withDevice(DeviceChoice.CPU).withThreads(1));
  }
}
