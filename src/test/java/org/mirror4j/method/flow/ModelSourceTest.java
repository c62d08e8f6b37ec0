package org.mirror4j.method.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.bert.Pooling;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.calibrate.flow.FlowFile;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.encode.Encoding;
import org.mirror4j.encode.FittingTexts;
import org.mirror4j.encode.LoadedModel;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.train.Fidelity;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.TinyRun;
import org.mirror4j.train.TrainingListener;

class ModelSourceTest {
  @TempDir Path folder;
  private Path model;
  private List<String> texts;

  @BeforeEach
  void makeModel() {
    model = TinyRun.model(folder.resolve("model"), TinyRun.parameters());
    Random random = new Random(2);
    List<String> words = TinyRun.vocabulary().subList(5, TinyRun.vocabulary().size());
    texts = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      texts.add(
          random
              .ints(1 + i % 7, 0, words.size())
              .mapToObj(word -> words.get(word) + " ")
              .reduce("", String::concat));
    }
  }

  private ModelSource source(boolean pairs) {
    return source(new FittingTexts("drawn", false, pairs, texts));
  }

  private ModelSource source(FittingTexts... fitted) {
    return source(TinyRun.MAX_LENGTH, fitted);
  }

  private ModelSource source(int maxLength, FittingTexts... fitted) {
    return new ModelSource(
        model,
        "model",
        new Encoding(
            Optional.of(Pooling.FIRST_LAST_AVG), OptionalInt.of(maxLength), 16, Precision.F32),
        List.of(fitted),
        List.of(model));
  }

  /** Bit for bit: the same batches are computed. */
  @Test
  void aPairLiesSideBySide() {
    try (Device device = new HostDevice(1)) {
      float[][] expected;
      try (LoadedModel loaded = new LoadedModel(device, model);
          TextEncoder encoder =
              loaded.encoder(
                  new TextEncoder.Options(Pooling.FIRST_LAST_AVG, TinyRun.MAX_LENGTH, 16),
                  Precision.F32)) {
        expected = encoder.encode(texts);
      }
      for (int sides = 1; sides <= 2; sides++) {
        int of = sides;
        source(sides == 2)
            .read(
                device,
                settings(3),
                Fidelity.CLEAN,
                new TinyRun.Recorder(),
                vectors -> {
                  assertThat(vectors.sides()).isEqualTo(of);
                  assertThat(vectors.size()).isEqualTo(80 / of);
                  assertThat(vectors.channels()).isEqualTo(TinyRun.HIDDEN);
                  vectors.compute();
                  float[] read = new float[TinyRun.HIDDEN + 3];
                  for (int item = 0; item < vectors.size(); item++) {
                    for (int side = 0; side < of; side++) {
                      vectors.read(2, item, side, read, 3);
                      float[] vector = expected[item * of + side];
                      for (int c = 0; c < vector.length; c++) {
                        assertThat(read[3 + c]).isEqualTo(vector[c]);
                      }
                    }
                  }
                });
      }
    }
  }

  /** Where some are pairs and others not, each text is an item. */
  @Test
  void mixedTextsAreSingleOnes() {
    try (Device device = new HostDevice(1)) {
      source(
              new FittingTexts("pairs", true, true, texts.subList(0, 10)),
              new FittingTexts("lines", false, false, texts.subList(10, 21)))
          .read(
              device,
              settings(3),
              Fidelity.CLEAN,
              new TinyRun.Recorder(),
              vectors -> {
                assertThat(vectors.sides()).isEqualTo(1);
                assertThat(vectors.size()).isEqualTo(21);
              });
    }
  }

  /** As in training: an epoch's vectors are drawn once, another epoch's are others. */
  @Test
  void theReleasedCodeDropsAnewInEachEpoch() {
    try (Device device = new HostDevice(1)) {
      float[][][] expected = new float[3][][];
      try (LoadedModel loaded = new LoadedModel(device, model);
          TextEncoder encoder =
              loaded.encoder(
                  new TextEncoder.Options(Pooling.FIRST_LAST_AVG, TinyRun.MAX_LENGTH, 16),
                  Precision.F32)) {
        Function<List<String>, float[][]> dropping = encoder.dropping(0.1, 7);
        for (int epoch = 0; epoch < 3; epoch++) {
          expected[epoch] = dropping.apply(texts);
        }
      }
      source(new FittingTexts("drawn", false, true, texts))
          .read(
              device,
              settings(7),
              Fidelity.RELEASED,
              new TinyRun.Recorder(),
              vectors -> {
                vectors.compute();
                float[] read = new float[TinyRun.HIDDEN];
                for (int epoch = 0; epoch < 3; epoch++) {
                  for (int text = 0; text < 80; text++) {
                    vectors.read(epoch, text / 2, text % 2, read, 0);
                    assertThat(read).isEqualTo(expected[epoch][text]);
                    assertThat(read).isNotEqualTo(expected[(epoch + 1) % 3][text]);
                  }
                }
              });
    }
  }

  /** Of one epoch, although each reads the texts. */
  @Test
  void cutTextsAreSaidOnce() {
    TinyRun.Recorder heard = new TinyRun.Recorder();
    try (Device device = new HostDevice(1)) {
      source(4, new FittingTexts("drawn", false, true, texts))
          .read(device, settings(7), Fidelity.RELEASED, heard, FlowVectors::compute);
    }
    List<String> said = heard.notices.stream().filter(notice -> notice.contains("cut")).toList();
    // Two of seven texts have a word or two.
    assertThat(said)
        .containsExactly("56 of 80 texts are longer than the maximum length and are cut");
  }

  /** A run that is refused once all texts are encoded has cost the time that this takes. */
  @Test
  void settingsAreRefusedBeforeVectorsAreComputed() {
    RunOptions often = new RunOptions(4, false, false);
    assertThatThrownBy(() -> run("resumed", 3, Fidelity.CLEAN, often, new TinyRun.Recorder(10)))
        .isInstanceOf(TinyRun.Killed.class);
    RunOptions resume = new RunOptions(4, true, false);
    requireRefused("resumed", settings(4), resume, "seed was 3 in the unfinished run, now 4");
    FlowSettings deep = JsonRecords.with(settings(3), JsonFiles.object().put("depth", 1000));
    requireRefused("deep", deep, often, "depth of a flow is 1000, expected 1 to 256");
    FlowSettings endless = JsonRecords.with(settings(3), JsonFiles.object().put("epochs", 1e12));
    requireRefused("long", endless, often, "--epochs is 1000000000000, expected at most");
  }

  private void requireRefused(
      String output, FlowSettings settings, RunOptions options, String message) {
    try (Device device = new HostDevice(1)) {
      List<String> computed = new ArrayList<>();
      TrainingListener listener =
          new TrainingListener() {
            @Override
            public void progress(String what, long done, long of, double seconds) {
              computed.add(what);
            }
          };
      FlowTraining training = new FlowTraining(source(true), "test", settings, Fidelity.CLEAN);
      assertThatThrownBy(
              () -> TinyRun.run(device, training, folder.resolve(output), options, listener))
          .hasMessageContaining(message);
      assertThat(computed).isEmpty();
    }
  }

  /** Of 40 pairs, 3 epochs. */
  private static FlowSettings settings(long seed) {
    return new FlowSettings(
        2,
        2,
        8,
        FlowRecipe.TARGET.settings().coupling(),
        FlowRecipe.TARGET.settings().permutation(),
        8,
        3,
        0,
        1e-3,
        1e-6,
        0.01,
        1,
        30,
        seed);
  }

  private void run(
      String output, long seed, Fidelity fidelity, RunOptions options, TinyRun.Recorder heard) {
    try (Device device = new HostDevice(1)) {
      TinyRun.run(
          device,
          new FlowTraining(source(true), "test", settings(seed), fidelity),
          folder.resolve(output),
          options,
          heard);
    }
  }

  @ParameterizedTest
  @EnumSource
  void resumesInTheSameBytes(Fidelity fidelity) throws IOException {
    RunOptions often = new RunOptions(4, false, false);
    run("whole", 3, fidelity, often, new TinyRun.Recorder());
    assertThatThrownBy(() -> run("resumed", 3, fidelity, often, new TinyRun.Recorder(10)))
        .isInstanceOf(TinyRun.Killed.class);
    assertThat(folder.resolve("resumed")).doesNotExist();
    RunOptions resume = new RunOptions(4, true, false);
    assertThatThrownBy(() -> run("resumed", 4, fidelity, resume, new TinyRun.Recorder()))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("seed was 3 in the unfinished run, now 4");
    List<String> before = texts;
    texts = new ArrayList<>(before);
    texts.set(7, "other");
    assertThatThrownBy(() -> run("resumed", 3, fidelity, resume, new TinyRun.Recorder()))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("the fitting text [\"drawn\"] has changed since the unfinished run");
    texts = before;
    TinyRun.Recorder rest = new TinyRun.Recorder();
    run("resumed", 3, fidelity, resume, rest);
    assertThat(rest.firstStep).isEqualTo(9);
    for (String file : List.of(FlowFile.NAME, "mirror4j.json", "README.md", "model.safetensors")) {
      assertThat(folder.resolve("resumed").resolve(file))
          .hasSameBinaryContentAs(folder.resolve("whole").resolve(file));
    }
    assertThat(Files.readAllLines(folder.resolve("resumed/train.jsonl"))).hasSize(15);
    assertThat(folder.resolve("resumed.training")).doesNotExist();
  }
}
