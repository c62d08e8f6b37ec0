package org.mirror4j.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.Pooling;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.support.DeviceProxy;
import org.mirror4j.support.SmallModel;

/** Engines beside one another hold the weights once. */
class ModelEngineTest {
  /** So many rows that the word embeddings are far larger than the activations of a batch. */
  private static final int VOCABULARY = 200_000;

  private static final int HIDDEN = 12;

  @TempDir Path folder;

  /** A device that counts the bytes that are asked of it. */
  private static Device counting(AtomicLong bytes) {
    return DeviceProxy.of(
        (method, arguments) -> {
          if (method.equals("allocate")) {
            bytes.addAndGet((long) arguments[0]);
          }
          return Optional.empty();
        });
  }

  private Path model(BertConfig config) {
    List<String> vocabulary =
        new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
    IntStream.range(0, 20).forEach(i -> vocabulary.add((char) ('a' + i) + "a"));
    return SmallModel.write(
        folder.resolve("model"),
        config,
        ReferenceParameters.random(SmallModel.reference(config), 3),
        vocabulary,
        ModelSettings.NONE);
  }

  @Test
  void weightsAreHeldOnce() {
    BertConfig config =
        SmallModel.config(BertConfig.Family.BERT, VOCABULARY, HIDDEN, 1, GeluForm.ERF);
    long weights = 4L * BertModel.table(config).size();
    Encoding encoding =
        new Encoding(Optional.of(Pooling.MEAN), OptionalInt.empty(), 8, Precision.F32);
    Path model = model(config);
    AtomicLong first = new AtomicLong();
    AtomicLong beside = new AtomicLong();
    Devices.Opened opened = new Devices.Opened(counting(first), "counting");
    try (ModelEngine engine = ModelEngine.load(opened, model, "model", encoding);
        ModelEngine second = engine.beside(counting(beside));
        ModelEngine third = engine.beside(counting(beside))) {
      List<String> texts = List.of("aa ba", "ca");
      float[][] expected = engine.encode(texts).vectors();
      assertThat(second.encode(texts).vectors()).isDeepEqualTo(expected);
      assertThat(third.encode(texts).vectors()).isDeepEqualTo(expected);
      assertThat(engine.encode(texts).vectors()).isDeepEqualTo(expected);
      assertThat(first.get()).isGreaterThan(weights);
      assertThat(beside.get()).isCloseTo(2 * (first.get() - weights), within(weights / 100));
      assertThat(beside.get()).isLessThan(weights);
    }
  }
}
