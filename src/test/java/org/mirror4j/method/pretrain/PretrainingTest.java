package org.mirror4j.method.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.train.TinyRun;

/** Whole runs of {@link Pretraining} on a tiny text. */
class PretrainingTest {

  @TempDir Path folder;

  private TinyPretraining tiny;

  @BeforeEach
  void pretraining() {
    tiny = new TinyPretraining(folder);
  }

  @Test
  void bytesDoNotDependOnThreads() throws IOException {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(120, 9));
    List<byte[]> weights = new ArrayList<>();
    for (int threads = 1; threads <= 3; threads++) {
      tiny.run(threads, corpus, "out" + threads, 42);
      weights.add(TinyRun.weights(folder.resolve("out" + threads)));
    }
    assertThat(weights.get(1)).isEqualTo(weights.get(0));
    assertThat(weights.get(2)).isEqualTo(weights.get(0));
    tiny.run(1, corpus, "other", 43);
    assertThat(TinyRun.weights(folder.resolve("other"))).isNotEqualTo(weights.get(0));
  }

  /** The update after a good step can be too large all the same. */
  @Test
  void aHeldOutLossThatIsNotFiniteIsNamedWithItsStep() {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(120, 9));
    PretrainingSettings wild =
        TinyRun.pretrainingSettings(42)
            .with(Map.of("steps", 2, "learningRate", 1e38, "warmupSteps", 0, "heldOutSteps", 1));
    assertThatThrownBy(() -> tiny.run(corpus, wild))
        .isInstanceOf(ArithmeticException.class)
        .hasMessage("step 1: the held-out loss is NaN; lower the learning rate");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void aWarmUpThatNeverEndsIsSaid() {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(120, 9));
    TinyRun.Recorder heard =
        tiny.run(
            corpus, TinyRun.pretrainingSettings(42).with(Map.of("steps", 2, "warmupSteps", 300)));
    assertThat(heard.warnings)
        .containsExactly(
            "a warm-up of 300 steps is longer than the run: the learning rate rises over all of its"
                + " 2 steps and never falls");
  }

  /** As the paper has it, from base on; narrower ones have larger weights. */
  @Test
  void weightsBeginAsThePapers() {
    assertThat(initializerRange(ModelSize.LARGE)).isEqualTo(0.02f);
    assertThat(initializerRange(ModelSize.BASE)).isEqualTo(0.02f);
    assertThat(initializerRange(ModelSize.MINI)).isEqualTo((float) (0.02 * Math.sqrt(3)));
  }

  private static float initializerRange(ModelSize size) {
    try (PretrainedModel model =
        PretrainedModel.fresh(
            new PretrainingStart.Fresh(size, 80, false),
            TinyRun.pretrainingSettings(1),
            Tokenizer.wordPiece(TinyRun.vocabulary(), true))) {
      return model.config().initializerRange();
    }
  }
}
