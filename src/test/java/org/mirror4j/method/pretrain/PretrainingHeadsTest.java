package org.mirror4j.method.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.file.FileException;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.mask.MaskScheme;
import org.mirror4j.train.StepRecord;
import org.mirror4j.train.TinyRun;
import org.mirror4j.train.TrainingListener;

/** What {@link Pretraining} starts from, and what is in the model that it writes. */
class PretrainingHeadsTest {

  @TempDir Path folder;

  private TinyPretraining tiny;

  @BeforeEach
  void pretraining() {
    tiny = new TinyPretraining(folder);
  }

  /** The output trains on: Mirror-BERT starts from it. */
  @Test
  void outputHoldsEncoderAndHead() {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(120, 9));
    tiny.run(2, corpus, "out", 42);
    Path output = folder.resolve("out");
    ModelDirectory directory = ModelDirectory.open(output);
    BertConfig config = BertConfig.parse(directory.config());
    try (Device device = new HostDevice(1);
        Workspace workspace = new Workspace(device);
        SafeTensors weights = directory.weights()) {
      assertThat(weights.names())
          .contains("bert.embeddings.word_embeddings.weight", "cls.predictions.bias");
      BertModel model =
          BertModel.load(
              device, workspace, config, weights, PretrainingHeads.MASKED.blocks(config));
      assertThat(model.table().has("cls.predictions.bias")).isTrue();
      TinyRun.write(output.resolve("LICENSE"), List.of("terms"));
      TinyRun.run(
          device,
          TinyRun.tuning(output, corpus, TinyRun.mirrorSettings(1, 40, 1)),
          folder.resolve("mirror"),
          TinyPretraining.NEW,
          TrainingListener.NONE);
    }
    assertThat(folder.resolve("mirror/model.safetensors")).exists();
    assertThat(folder.resolve("mirror/LICENSE")).hasContent("terms");
  }

  /**
   * At a rate that does harm the first steps are better than the last; what goes on from the result
   * has the lowest loss before its first step, to the bit.
   */
  @ParameterizedTest
  @EnumSource
  void theBestIsKeptAndGoneOnWith(Objective objective) {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.documents(120, 9));
    PretrainingSettings settings =
        TinyRun.pretrainingSettings(42)
            .with(
                Map.of(
                    "objective",
                    objective,
                    "mask",
                    objective.mask(),
                    "steps",
                    8,
                    "learningRate",
                    0.2,
                    "heldOutSteps",
                    1));
    TinyRun.Recorder first = tiny.run(corpus, settings);
    StepRecord best =
        first.steps.stream()
            .max(Comparator.comparingDouble(step -> step.heldOut().orElseThrow().quality()))
            .orElseThrow();
    assertThat(best.step()).isLessThan(8);
    assertThat(first.notices)
        .anyMatch(notice -> notice.startsWith("the result is that of step " + best.step() + ","));
    TinyRun.Recorder second = new TinyRun.Recorder();
    Path output = folder.resolve("out");
    try (Device device = new HostDevice(1)) {
      TinyRun.run(
          device,
          new Pretraining(
              List.of(corpus),
              Optional.of(corpus),
              new PretrainingStart.Model(output, "out"),
              "test",
              settings.with(Map.of("steps", 1))),
          folder.resolve("second"),
          TinyPretraining.NEW,
          second);
    }
    assertThat(second.untrained).isEqualTo(best.heldOut().orElseThrow());
  }

  /** What the model lacks is begun and said, but for the head of masked language modelling. */
  @Test
  void headsOfAModel() {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.documents(120, 9));
    tiny.run(corpus, TinyRun.pretrainingSettings(42));
    PretrainingSettings spans =
        TinyRun.pretrainingSettings(42)
            .with(Map.of("objective", Objective.SPAN_SBO, "mask", MaskScheme.SPANS, "steps", 2));
    TinyRun.write(folder.resolve("out/NOTICE.txt"), List.of("thanks"));
    TinyRun.Recorder heard = tiny.from(folder.resolve("out"), corpus, spans, "spans");
    assertThat(folder.resolve("spans/NOTICE.txt")).hasContent("thanks");
    assertThat(heard.notices)
        .anyMatch(
            notice ->
                notice.equals(
                    "out: has no cls.pair_target_predictions.position_embeddings.weight, ...: begun"
                        + " with random weights"));
    heard = tiny.from(folder.resolve("spans"), corpus, spans, "again");
    assertThat(heard.notices).noneMatch(notice -> notice.contains("random weights"));
    Path bare = TinyRun.model(folder.resolve("bare"), TinyRun.parameters());
    assertThatThrownBy(() -> tiny.from(bare, corpus, spans, "none"))
        .isInstanceOf(FileException.class)
        .hasMessage(
            "bare: model.safetensors has no head of masked language modelling"
                + " (cls.predictions.transform.dense.weight, ...), expected a pretrained model");
  }

  /** What an objective does not train is said and written as it was, so that another goes on. */
  @Test
  void headsThatAreNotTrainedAreKept() {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.documents(120, 9));
    PretrainingSettings pairs =
        TinyRun.pretrainingSettings(42).with(Map.of("objective", Objective.MLM_NSP, "steps", 2));
    PretrainingSettings spans =
        pairs.with(Map.of("objective", Objective.SPAN_SBO, "mask", MaskScheme.SPANS));
    tiny.run(corpus, pairs);
    TinyRun.Recorder heard = tiny.from(folder.resolve("out"), corpus, spans, "spans");
    assertThat(heard.notices)
        .contains(
            "out: pooler.dense.weight, ..., cls.seq_relationship.weight, ...: kept as they are, as"
                + " the objective span+sbo does not train them");
    List<String> next =
        List.of(
            "bert.pooler.dense.weight",
            "bert.pooler.dense.bias",
            "cls.seq_relationship.weight",
            "cls.seq_relationship.bias");
    requireSameTensors("out", "spans", next);
    heard = tiny.from(folder.resolve("spans"), corpus, pairs, "pairs");
    assertThat(heard.notices)
        .noneMatch(notice -> notice.contains("random weights"))
        .contains(
            "spans: cls.pair_target_predictions.position_embeddings.weight, ...: kept as they are,"
                + " as the objective mlm+nsp does not train them");
    requireSameTensors(
        "spans",
        "pairs",
        List.of(
            "cls.pair_target_predictions.position_embeddings.weight",
            "cls.pair_target_predictions.bias"));
    assertThatThrownBy(() -> requireSameTensors("spans", "pairs", next))
        .isInstanceOf(AssertionError.class);
    heard = tiny.from(folder.resolve("pairs"), corpus, spans, "again");
    assertThat(heard.notices).noneMatch(notice -> notice.contains("random weights"));
  }

  private void requireSameTensors(String output, String other, List<String> names) {
    try (SafeTensors weights = ModelDirectory.open(folder.resolve(output)).weights();
        SafeTensors others = ModelDirectory.open(folder.resolve(other)).weights()) {
      for (String name : names) {
        assertThat(others.shape(name)).isEqualTo(weights.shape(name));
        assertThat(others.data(name)).as(name).isEqualTo(weights.data(name));
      }
    }
  }
}
