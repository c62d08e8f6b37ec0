package org.mirror4j.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.calibrate.DenseLayer;
import org.mirror4j.checkpoint.DenseModule;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.support.SmallModel;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.Template;
import org.mirror4j.text.Tokenizer;

class TextEncoderTest {
  private static final int HIDDEN = 48;
  private static final int LAYERS = 2;

  private static final double ALONE =
      2 * 5 * Math.sqrt((10 * LAYERS + 2) * HIDDEN) * DeviceBuffers.U;
  private static final int MAX_LENGTH = 30;

  private static List<String> vocabulary() {
    List<String> pieces = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
    for (char first = 'a'; pieces.size() < 50; first++) {
      pieces.add(first + "a");
      pieces.add(first + "e");
    }
    return pieces.subList(0, 50);
  }

  /** Texts of 0 to 40 words, so that some are cut. */
  private static List<String> texts(int count) {
    Random random = new Random(4);
    List<String> words = vocabulary().subList(5, 50);
    List<String> texts = new ArrayList<>();
    for (int t = 0; t < count; t++) {
      List<String> text = new ArrayList<>();
      for (int w = random.nextInt(41); w > 0; w--) {
        text.add(words.get(random.nextInt(words.size())));
      }
      texts.add(String.join(" ", text));
    }
    return texts;
  }

  private interface Body {
    void run(Device device, BertModel model, Tokenizer tokenizer);
  }

  private static void with(int hidden, Body body) {
    with(hidden, 2, body);
  }

  private static void with(int hidden, int hostThreads, Body body) {
    BertConfig config = SmallModel.config(BertConfig.Family.BERT, 50, hidden, LAYERS, GeluForm.ERF);
    try (Device device = new HostDevice(hostThreads);
        Workspace workspace = new Workspace(device);
        Tokenizer tokenizer = Tokenizer.wordPiece(vocabulary(), true)) {
      body.run(
          device,
          SmallModel.load(
              device,
              workspace,
              config,
              ReferenceParameters.random(SmallModel.reference(config), 8)),
          tokenizer);
    }
  }

  /** The identity, of which a product in TF32 would round what it maps. */
  @Test
  void mapsAreInF32WhateverTheModelIsIn() {
    float[] identity = new float[HIDDEN * HIDDEN];
    for (int i = 0; i < HIDDEN; i++) {
      identity[i * HIDDEN + i] = 1;
    }
    DenseModule module =
        new DenseModule(
            HIDDEN,
            HIDDEN,
            MemorySegment.ofArray(identity),
            Optional.empty(),
            DenseModule.Activation.IDENTITY);
    BertConfig config = SmallModel.config(BertConfig.Family.BERT, 50, HIDDEN, LAYERS, GeluForm.ERF);
    ReferenceParameters parameters = ReferenceParameters.random(SmallModel.reference(config), 8);
    TextEncoder.Options options = new TextEncoder.Options(Pooling.MEAN, MAX_LENGTH, 4);
    try (Device device = PtxDriver.device(CheckLevel.ALL, 1, KernelLibrary.bundled());
        Workspace workspace = new Workspace(device);
        Tokenizer tokenizer = Tokenizer.wordPiece(vocabulary(), true)) {
      BertModel model = SmallModel.load(device, workspace, config, parameters);
      DenseLayer map = DenseLayer.load(device, workspace, module);
      Device tf32 = device.computing(Precision.TF32);
      try (TextEncoder plain = new TextEncoder(tf32, model, tokenizer, options);
          TextEncoder mapped = new TextEncoder(tf32, model, tokenizer, List.of(map), options);
          TextEncoder exact = new TextEncoder(device, model, tokenizer, options)) {
        float[][] vectors = plain.encode(texts(3));
        assertThat(mapped.encode(texts(3))).isDeepEqualTo(vectors);
        assertThat(exact.encode(texts(3))[0]).isNotEqualTo(vectors[0]);
      }
    }
  }

  /**
   * Alone and among 199 others: no kernel mixes rows of different texts. Products sum in an order
   * that depends on the number of rows, so hidden states of size 1 may each be off by what {@link
   * BertEncoderTest} allows them: the bound is twice that.
   */
  @ParameterizedTest
  @EnumSource
  void textsBesideDoNotMatter(Pooling pooling) {
    List<String> texts =
        texts(200).stream().map(text -> pooling.takesMask() ? "aa [MASK] " + text : text).toList();
    with(
        HIDDEN,
        (device, model, tokenizer) -> {
          try (TextEncoder encoder =
                  new TextEncoder(device, model, tokenizer, pooling, MAX_LENGTH, 200);
              TextEncoder small =
                  new TextEncoder(device, model, tokenizer, pooling, MAX_LENGTH, 7)) {
            float[][] together = encoder.encode(texts);
            assertThat(together).hasDimensions(200, HIDDEN);
            float[][] bySevens = small.encode(texts);
            for (int t = 0; t < texts.size(); t++) {
              double[] expected = DeviceBuffers.doubles(together[t]);
              DeviceBuffers.assertWithin("text " + t + " of 7", bySevens[t], expected, ALONE);
            }
            for (int t = 0; t < 40; t++) {
              float[][] alone = encoder.encode(List.of(texts.get(t)));
              double[] expected = DeviceBuffers.doubles(together[t]);
              DeviceBuffers.assertWithin("text " + t + " alone", alone[0], expected, ALONE);
            }
          }
        });
  }

  /** More rows than a batch takes are spread over several, in the order of the texts. */
  @Test
  void manyBatches() {
    List<String> texts = texts(500);
    with(
        24,
        (device, model, tokenizer) -> {
          try (TextEncoder encoder =
              new TextEncoder(device, model, tokenizer, Pooling.MEAN_PADDED, MAX_LENGTH, 1000)) {
            float[][] vectors = encoder.encode(texts);
            assertThat(vectors[499]).isEqualTo(encoder.encode(texts.subList(499, 500))[0]);
            assertThat(vectors[0]).isEqualTo(encoder.encode(texts.subList(0, 1))[0]);
            assertThat(vectors[0]).isNotEqualTo(vectors[499]);
          }
        });
  }

  /**
   * Threads that share an encoder: it belongs to one of them, which gets the right vectors while
   * the others are refused. {@code -Dmirror4j.test.calls} makes it longer.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void eightThreadsOnOneEncoder(int hostThreads) {
    int calls = Integer.getInteger("mirror4j.test.calls", 400);
    List<String> texts = texts(5);
    with(
        24,
        hostThreads,
        (device, model, tokenizer) -> {
          try (TextEncoder encoder =
                  new TextEncoder(device, model, tokenizer, Pooling.MEAN, MAX_LENGTH, 8);
              ExecutorService others = Executors.newFixedThreadPool(7)) {
            float[][] expected = encoder.encode(texts);
            List<Future<?>> futures = new ArrayList<>();
            for (int call = 0; call < calls; call++) {
              futures.add(others.submit(() -> encoder.encode(texts)));
              if (call % 8 == 0) {
                assertThat(encoder.encode(texts)).isEqualTo(expected);
              }
            }
            for (Future<?> future : futures) {
              assertThatThrownBy(future::get).hasCauseInstanceOf(WrongThreadException.class);
            }
            assertThat(encoder.encode(texts)).isEqualTo(expected);
          }
        });
  }

  /** The same with what an encoder is made of: no call gets as far as changing a buffer. */
  @Test
  void eightThreadsOnOnePass() {
    int calls = Integer.getInteger("mirror4j.test.calls", 400);
    with(
        24,
        2,
        (device, model, tokenizer) -> {
          PackedBatch batch =
              PackedBatch.of(tokenizer.encodeAll(texts(5), MAX_LENGTH), model.config().positions());
          PackedBatch other = PackedBatch.of(new int[][] {{2, 9, 3}}, model.config().positions());
          try (Workspace workspace = new Workspace(device);
              ExecutorService others = Executors.newFixedThreadPool(7)) {
            BatchSize size = BatchSize.of(batch);
            BatchTensors tensors = new BatchTensors(device, workspace, size);
            PooledEncoder encoder =
                new PooledEncoder(device, workspace, model, null, tensors, size, Pooling.MEAN);
            tensors.upload(batch);
            float[] expected = new float[batch.sequences() * 24];
            device.download(expected, encoder.forward(Dropout.NONE));
            List<Future<?>> futures = new ArrayList<>();
            for (int call = 0; call < calls; call++) {
              futures.add(
                  others.submit(
                      call % 2 == 0
                          ? () -> tensors.upload(other)
                          : () -> encoder.forward(new Dropout(0.5, 0, 1))));
              if (call % 8 == 0) {
                float[] got = new float[expected.length];
                device.download(got, encoder.forward(Dropout.NONE));
                assertThat(got).isEqualTo(expected);
              }
            }
            for (Future<?> future : futures) {
              assertThatThrownBy(future::get).hasCauseInstanceOf(WrongThreadException.class);
            }
          }
        });
  }

  @Test
  void aClosedEncoderOrTokenizerIsRefused() {
    with(
        24,
        (device, model, tokenizer) -> {
          TextEncoder encoder =
              new TextEncoder(device, model, tokenizer, Pooling.CLS, MAX_LENGTH, 4);
          encoder.close();
          encoder.close();
          for (List<String> texts : List.of(List.<String>of(), List.of("aa"))) {
            assertThatThrownBy(() -> encoder.encode(texts))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the encoder is closed");
          }
          try (TextEncoder open =
              new TextEncoder(device, model, tokenizer, Pooling.CLS, MAX_LENGTH, 4)) {
            tokenizer.close();
            assertThatThrownBy(() -> open.encode(List.of("aa")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the tokenizer is closed");
          }
        });
  }

  @Test
  void aTextWithoutAMaskTokenIsNamed() {
    with(
        24,
        (device, model, tokenizer) -> {
          try (TextEncoder encoder = new TextEncoder(device, model, tokenizer, Pooling.MASK, 6, 4);
              TextEncoder prompted =
                  new TextEncoder(
                      device,
                      model,
                      tokenizer,
                      new TextEncoder.Options(
                          Pooling.MASK,
                          6,
                          4,
                          Template.prompt("[MASK] "),
                          false,
                          OptionalInt.empty(),
                          Optional.empty()))) {
            assertThatThrownBy(() -> encoder.encode(List.of("aa [MASK]", "ba ca")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                    "the text 'ba ca' has no [MASK] among its 4 tokens, expected one, as pooling"
                        + " mask takes its vector");
            // What is cut is not there.
            assertThatThrownBy(() -> encoder.encode(List.of("aa ba ca da ea [MASK]")))
                .hasMessageContaining("among its 6 tokens");
            assertThat(prompted.encode(List.of("ba ca"))[0])
                .isEqualTo(encoder.encode(List.of("[MASK] ba ca"))[0]);
          }
        });
  }

  @Test
  void noTexts() {
    with(
        24,
        (device, model, tokenizer) -> {
          try (TextEncoder encoder =
              new TextEncoder(device, model, tokenizer, Pooling.CLS, MAX_LENGTH, 4)) {
            assertThat(encoder.encode(List.of())).isEmpty();
          }
        });
  }

  /** A prompt, division by the length and a cut change nothing else. */
  @Test
  void whatIsDoneBeforeAndAfter() {
    List<String> texts = texts(20);
    List<String> prompted = texts.stream().map("ba ae "::concat).toList();
    with(
        24,
        (device, model, tokenizer) -> {
          TextEncoder.Options plain = new TextEncoder.Options(Pooling.MEAN, MAX_LENGTH, 7);
          TextEncoder.Options full =
              new TextEncoder.Options(
                  Pooling.MEAN,
                  MAX_LENGTH,
                  7,
                  Template.prompt("ba ae "),
                  true,
                  OptionalInt.of(5),
                  Optional.empty());
          try (TextEncoder encoder = new TextEncoder(device, model, tokenizer, plain);
              TextEncoder other = new TextEncoder(device, model, tokenizer, full)) {
            float[][] expected = encoder.encode(prompted);
            float[][] got = other.encode(texts);
            assertThat(got).hasDimensions(texts.size(), 5);
            for (int t = 0; t < got.length; t++) {
              double squares = 0;
              for (float x : expected[t]) {
                squares += (double) x * x;
              }
              for (int i = 0; i < 5; i++) {
                assertThat(got[t][i]).isEqualTo((float) (expected[t][i] / Math.sqrt(squares)));
              }
            }
          }
        });
  }

  /** Known vectors are taken as they are, even when the model would give others by then. */
  @Test
  void whatIsKnownIsNotComputed() {
    List<String> texts = texts(20);
    List<String> twice = Stream.concat(texts.stream(), texts.stream().limit(3)).toList();
    PooledVectors known = new PooledVectors();
    with(
        24,
        (device, model, tokenizer) -> {
          try (TextEncoder encoder =
                  new TextEncoder(device, model, tokenizer, known(7, false, known));
              TextEncoder normalizing =
                  new TextEncoder(device, model, tokenizer, known(5, true, known));
              TextEncoder plain =
                  new TextEncoder(
                      device,
                      model,
                      tokenizer,
                      new TextEncoder.Options(Pooling.MEAN, MAX_LENGTH, 7));
              TextEncoder plainNormalizing =
                  new TextEncoder(device, model, tokenizer, known(7, true, new PooledVectors()))) {
            float[][] expected = plain.encode(texts);
            float[][] expectedNormalized = plainNormalizing.encode(texts);
            assertThat(encoder.encode(texts)).isDeepEqualTo(expected);
            assertThat(known.size()).isEqualTo(20);
            device.kernels().memory().fill(model.parameters(), Float.NaN);
            float[][] again = encoder.encode(twice);
            assertThat(Arrays.copyOf(again, 20)).isDeepEqualTo(expected);
            assertThat(again[21]).isEqualTo(expected[1]);
            assertThat(normalizing.encode(texts)).isDeepEqualTo(expectedNormalized);
          }
        });
  }

  private static TextEncoder.Options known(int batch, boolean normalize, PooledVectors known) {
    return new TextEncoder.Options(
        Pooling.MEAN,
        MAX_LENGTH,
        batch,
        Template.NONE,
        normalize,
        OptionalInt.empty(),
        Optional.of(known));
  }

  /** Equal texts of one call are computed once. */
  @Test
  void missing() {
    PooledVectors known = new PooledVectors();
    known.put(new int[][] {{4, 5}}, new int[] {0}, new float[] {1});
    assertThat(known.missing(new int[][] {{4}, {4, 5}, {5, 4}, {4}, {5, 4}})).containsExactly(0, 2);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, SmallModel.LENGTH + 1})
  void lengthsThatDoNotFit(int maxLength) {
    BertConfig config = SmallModel.config(BertConfig.Family.ROBERTA, 50, 24, 2, GeluForm.ERF);
    assertThatThrownBy(() -> config.requireLength(maxLength))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "maximum length is %d, expected 3 to 36 (max_position_embeddings is 38)"
                .formatted(maxLength));
  }
}
