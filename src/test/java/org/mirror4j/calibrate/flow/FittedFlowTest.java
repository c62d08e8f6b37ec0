package org.mirror4j.calibrate.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.bert.Pooling;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.encode.Bundled;
import org.mirror4j.encode.Encoding;
import org.mirror4j.encode.FittingTexts;
import org.mirror4j.encode.LoadedModel;
import org.mirror4j.method.flow.FlowRecipe;
import org.mirror4j.method.flow.FlowTraining;
import org.mirror4j.method.flow.ModelSource;
import org.mirror4j.reference.ReferenceFlow;
import org.mirror4j.train.Fidelity;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.TinyRun;

/** A flow that was fitted to vectors of a pretrained model's words. */
class FittedFlowTest {
  private static final int WORDS = 2000, MAX_LENGTH = 25;

  @TempDir Path folder;

  @Test
  void givesBackTheVectorsThatItMapped() throws IOException {
    Path fitted = folder.resolve("fitted");
    try (Device device = new HostDevice(2);
        Bundled bundled = Bundled.open()) {
      Path model = bundled.model();
      List<String> words = Files.readAllLines(bundled.frequentWords()).subList(0, WORDS);
      Encoding encoding =
          new Encoding(
              Optional.of(Pooling.FIRST_LAST_AVG), OptionalInt.of(MAX_LENGTH), 64, Precision.F32);
      FittingTexts texts = new FittingTexts("words", false, false, words);
      TinyRun.run(
          device,
          new FlowTraining(
              new ModelSource(model, "bundled", encoding, List.of(texts), List.of(model)),
              "target",
              FlowRecipe.TARGET.settings(),
              Fidelity.CLEAN),
          fitted,
          new RunOptions(1000, false, false),
          new TinyRun.Recorder());
      float[][] vectors;
      try (LoadedModel loaded = new LoadedModel(device, model);
          TextEncoder encoder =
              loaded.encoder(
                  new TextEncoder.Options(Pooling.FIRST_LAST_AVG, MAX_LENGTH, 64), Precision.F32)) {
        vectors = encoder.encode(words);
      }
      try (FlowFixture fixture = new FlowFixture(device, fitted.resolve(FlowFile.NAME))) {
        int channels = fixture.architecture.channels();
        float[] given = new float[WORDS * channels];
        for (int i = 0; i < WORDS; i++) {
          System.arraycopy(vectors[i], 0, given, i * channels, channels);
        }
        FlowPass pass = new FlowPass(device, fixture.workspace, fixture.flow, WORDS);
        float[] images = fixture.values(pass.forward(fixture.vectors(given)));
        assertThat(images).as("the map is not the identity").isNotEqualTo(given);
        float[] back = fixture.values(pass.inverse(fixture.vectors(images)));
        for (int i = 0; i < given.length; i++) {
          assertThat(back[i]).as("value %d", i).isCloseTo(given[i], within(1e-4f));
        }
        ReferenceFlow reference = fixture.reference();
        double[][] rows = FlowFixture.rows(given, channels);
        // The reference inverts its matrices anew for each: some will do.
        for (int i = 0; i < WORDS; i += 100) {
          double[] vector = rows[i];
          assertThat(reference.inverse(reference.forward(vector).image()))
              .containsExactly(vector, within(1e-10));
        }
      }
    }
  }
}
