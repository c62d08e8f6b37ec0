package org.mirror4j.method.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.WeightMap;
import org.mirror4j.bert.WeightNames;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.file.FileException;
import org.mirror4j.task.ToyHead;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.train.StepRecord;
import org.mirror4j.train.TinyRun;

/** What fine-tuning writes, from tiny models that transformers wrote. */
class FineTunedModelTest {
  @TempDir Path folder;

  private static Path base(BertConfig.Family family) {
    return Path.of("src/test/resources/golden")
        .resolve(family == BertConfig.Family.BERT ? "bert" : "roberta");
  }

  /**
   * With the class that transformers loads it by, its names of tensors, and all that config.json
   * said before; the head is found there again, whole, and nothing else.
   */
  @ParameterizedTest
  @CsvSource({
    "BERT, CLASSES, BertForSequenceClassification, 'bert.pooler.dense classifier'",
    "BERT, TOKENS, BertForTokenClassification, classifier",
    "BERT, ANSWERS, BertForQuestionAnswering, qa_outputs",
    "ROBERTA, CLASSES, RobertaForSequenceClassification, 'classifier.dense classifier.out_proj'",
    "ROBERTA, TOKENS, RobertaForTokenClassification, classifier",
    "ROBERTA, ANSWERS, RobertaForQuestionAnswering, qa_outputs"
  })
  void opensAgain(BertConfig.Family family, ToyHead head, String architecture, String layers) {
    StepRecord best = ToyRun.best(tune(base(family), head, "out", ToyRun.settings()).steps);
    ModelDirectory written = ModelDirectory.open(folder.resolve("out"));
    ObjectNode config = written.config();
    assertThat(config.path("architectures"))
        .extracting(JsonNode::asText)
        .containsExactly(architecture);
    assertThat(config.path("id2label")).hasSize(head.logitsOf(ToyRun.CLASSES));
    ObjectNode before = ModelDirectory.open(base(family)).config();
    before.remove("architectures");
    config.remove(List.of("architectures", "id2label"));
    assertThat(config).isEqualTo(before);
    List<String> expected = new ArrayList<>();
    try (SafeTensors weights = ModelDirectory.open(base(family)).weights()) {
      weights.names().stream()
          .filter(name -> !name.startsWith("pooler."))
          .forEach(name -> expected.add(family.prefix() + name));
    }
    for (String layer : layers.split(" ")) {
      expected.addAll(List.of(layer + ".weight", layer + ".bias"));
    }
    try (SafeTensors weights = written.weights();
        Device device = new HostDevice(1);
        Workspace workspace = new Workspace(device)) {
      assertThat(weights.names()).containsExactlyInAnyOrderElementsOf(expected);
      BertConfig architectureRead = BertConfig.of(written, weights);
      ParameterTable.Block[] blocks = head.blocks(architectureRead, ToyRun.CLASSES);
      assertThat(blocks).allMatch(block -> WeightMap.hasAny(weights, block));
      BertModel model =
          BertModel.extended(device, workspace, architectureRead, weights, 77, blocks);
      assertThat(model.notes()).isEmpty();
      assertThat(WeightNames.of(weights).byParameter().keySet())
          .hasSameSizeAs(model.table().entries());
    }
    // Without a rate the first step of another run leaves it as it is, and it scores the same.
    FineTuningSettings still = ToyRun.settings().with(Map.of("steps", 1, "learningRate", 0));
    TinyRun.write(folder.resolve("out/LICENSE"), List.of("terms"));
    TinyRun.Recorder again = tune(folder.resolve("out"), head, "again", still);
    assertThat(folder.resolve("again/LICENSE")).hasContent("terms");
    assertThat(again.steps.getFirst().heldOut()).isEqualTo(best.heldOut());
  }

  /** A pooler that the head does not take is kept; another head is told of, and dropped. */
  @Test
  void anotherHead() {
    tune(base(BertConfig.Family.BERT), ToyHead.CLASSES, "first", ToyRun.settings());
    FineTuningSettings still = ToyRun.settings().with(Map.of("steps", 1, "learningRate", 0));
    TinyRun.Recorder heard = tune(folder.resolve("first"), ToyHead.ANSWERS, "second", still);
    assertThat(heard.notices)
        .containsExactly(
            folder.resolve("first") + ": tensors not used: 'classifier.*' (2)",
            "the result is that of step 1, which did best on held-out data");
    try (SafeTensors first = ModelDirectory.open(folder.resolve("first")).weights();
        SafeTensors second = ModelDirectory.open(folder.resolve("second")).weights()) {
      assertThat(second.names())
          .contains("bert.pooler.dense.weight", "qa_outputs.weight")
          .doesNotContain("classifier.weight")
          .hasSameSizeAs(first.names());
    }
  }

  /** A head of other classes is refused, not begun anew in silence. */
  @Test
  void otherClasses() {
    tune(base(BertConfig.Family.BERT), ToyHead.CLASSES, "out", ToyRun.settings());
    ModelDirectory written = ModelDirectory.open(folder.resolve("out"));
    try (SafeTensors weights = written.weights();
        Device device = new HostDevice(1);
        Workspace workspace = new Workspace(device)) {
      BertConfig config = BertConfig.of(written, weights);
      assertThatThrownBy(
              () ->
                  BertModel.extended(
                      device, workspace, config, weights, 1, ToyHead.CLASSES.blocks(config, 7)))
          .isInstanceOf(FileException.class)
          .hasMessageContaining("'classifier.weight' is [3,24], expected [7,24]");
    }
  }

  private TinyRun.Recorder tune(
      Path model, ToyHead head, String output, FineTuningSettings settings) {
    try (Device device = new HostDevice(1)) {
      return ToyRun.of(folder, model, head).run(device, settings, folder.resolve(output));
    }
  }
}
