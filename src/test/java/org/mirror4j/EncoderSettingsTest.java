package org.mirror4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class EncoderSettingsTest {
  /** Each says something else. */
  private static List<EncoderSettings> different() {
    EncoderSettings plain = EncoderSettings.DEFAULT;
    return List.of(
        plain,
        plain.withDevice(DeviceChoice.CPU),
        plain.withThreads(1),
        plain.withEngines(1),
        plain.withEngines(2),
        plain.withPooling(EncoderSettings.Pooling.CLS),
        plain.withMaxLength(16),
        plain.withNormalize(true),
        plain.withNormalize(false),
        plain.withPrompt(""),
        plain.withPrompt("query: "),
        plain.withTemplate("{} is [MASK]"),
        plain.withPromptName("query"),
        plain.withPrecision(EncoderSettings.Precision.BF16),
        plain.withBatchSize(255));
  }

  private static Object sent(Object object) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream output = new ObjectOutputStream(bytes)) {
      output.writeObject(object);
    }
    try (ObjectInputStream input =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return input.readObject();
    }
  }

  @Test
  void equalWhereTheySayTheSame() throws Exception {
    List<EncoderSettings> first = different();
    List<EncoderSettings> second = different();
    for (int i = 0; i < first.size(); i++) {
      assertThat(first.get(i)).isEqualTo(sent(second.get(i))).hasSameHashCodeAs(second.get(i));
      for (int j = 0; j < i; j++) {
        assertThat(first.get(i)).isNotEqualTo(second.get(j));
      }
    }
  }

  @Test
  void tellsWhatWasSet() {
    EncoderSettings plain = EncoderSettings.DEFAULT;
    assertThat(plain.threads()).isEmpty();
    assertThat(plain.engines()).isEmpty();
    assertThat(plain.batchSize()).isEqualTo(256);
    EncoderSettings set = plain.withThreads(3).withEngines(2).withBatchSize(7);
    assertThat(set.threads()).hasValue(3);
    assertThat(set.engines()).hasValue(2);
    assertThat(set.batchSize()).isEqualTo(7);
  }
}
