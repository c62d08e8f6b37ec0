package org.mirror4j.method.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.WeightMap;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.TaskKind;
import org.mirror4j.task.answer.AnswerKind;
import org.mirror4j.task.classification.GlueKind;
import org.mirror4j.task.tagging.TaggingKind;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.TokenizedText;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.TinyRun;

/**
 * Models with the heads of tasks that transformers wrote, and what PyTorch computes with them, see
 * {@code weights-converter/golden/make_heads.py}.
 */
class HeadGoldenTest {
  private static final Path HEADS = Path.of("src/test/resources/golden/heads");

  /**
   * f32 against double: some thirty operations one after the other, with sums of at most 16 terms,
   * leave some hundred roundings of 2^-24 of logits that are below 8.
   */
  private static final double SINGLE = 1e-5;

  private static final Map<String, String> FILES =
      Map.of(
          "mnli", "mnli.tsv",
          "sts-b", "sts-b.tsv",
          "squad-1.1", "squad-1.1.json",
          "tagging", "tagging.conll");

  @TempDir Path folder;

  /**
   * A family and a task.
   *
   * @param model the directory that transformers wrote
   * @param base one of the family without a head
   */
  record Case(Path model, Path base, String task) {
    static Case of(String family, String task) {
      return new Case(HEADS.resolve(family + "-" + task), HEADS.resolveSibling(family), task);
    }

    Path data() {
      return HEADS.resolve(FILES.get(task));
    }

    FineTunedTask<?> read(Tokenizer tokenizer, int maxLength, Consumer<String> notices) {
      return Stream.<List<? extends TaskKind>>of(
              AnswerKind.all(), GlueKind.all(), List.of(new TaggingKind()))
          .flatMap(List::stream)
          .filter(kind -> kind.name().equals(task))
          .findFirst()
          .orElseThrow()
          .read(data(), Optional.empty(), tokenizer, maxLength, notices);
    }
  }

  static List<Case> cases() {
    return Stream.of("bert", "roberta")
        .flatMap(family -> FILES.keySet().stream().sorted().map(task -> Case.of(family, task)))
        .toList();
  }

  /** What a model gives for all examples, in one batch. */
  private record Computed(List<TokenizedText> texts, float[] logits) {
    static Computed of(Case c, Path model) {
      ModelDirectory directory = ModelDirectory.open(model);
      try (SafeTensors weights = directory.weights();
          Tokenizer tokenizer =
              Tokenizer.open(model, directory.settings().embedding().lowerCase())) {
        BertConfig config = BertConfig.of(directory, weights);
        return of(config, weights, c.read(tokenizer, config.maxSequenceLength(), notice -> {}));
      }
    }

    private static <T> Computed of(BertConfig config, SafeTensors weights, FineTunedTask<T> task) {
      List<TokenizedText> texts =
          IntStream.range(0, task.training().size()).mapToObj(task.training()::text).toList();
      PackedBatch packed =
          PackedBatch.of(
              texts.stream().map(TokenizedText::ids).toArray(int[][]::new),
              texts.stream().map(TokenizedText::typeIds).toArray(int[][]::new),
              config.positions());
      assertThat(task.head(config)).allMatch(block -> WeightMap.hasAny(weights, block));
      try (Device device = new HostDevice(1);
          Workspace workspace = new Workspace(device)) {
        BertModel model =
            BertModel.extended(device, workspace, config, weights, 1, task.head(config));
        assertThat(model.notes()).isEmpty();
        BatchSize size = BatchSize.of(packed);
        TaskStep<T> step = new TaskStep<>(device, workspace, model, task, null, false, size);
        return new Computed(texts, step.predict(packed));
      }
    }
  }

  /** Of what transformers wrote, read as fine-tuning reads it. */
  @ParameterizedTest
  @MethodSource("cases")
  void tokensAndLogits(Case c) {
    Computed got = Computed.of(c, c.model);
    JsonNode examples = JsonFiles.read(c.model.resolve("golden.json")).path("examples");
    assertThat(got.texts).hasSize(4).hasSameSizeAs(examples);
    List<Double> logits = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      assertThat(got.texts.get(i).ids()).containsExactly(ints(examples.get(i).path("ids")));
      assertThat(got.texts.get(i).typeIds()).containsExactly(ints(examples.get(i).path("types")));
      examples.get(i).path("logits").forEach(logit -> logits.add(logit.asDouble()));
    }
    assertThat(got.logits).hasSameSizeAs(logits);
    for (int i = 0; i < got.logits.length; i++) {
      assertThat((double) got.logits[i]).as("logit %d", i).isCloseTo(logits.get(i), within(SINGLE));
    }
  }

  private static int[] ints(JsonNode numbers) {
    return IntStream.range(0, numbers.size()).map(i -> numbers.get(i).asInt()).toArray();
  }

  /**
   * What transformers wrote is written again as it was: every tensor under its name, every key of
   * config.json.
   */
  @ParameterizedTest
  @MethodSource("cases")
  void writtenAgain(Case c) {
    Path again = folder.resolve("again");
    List<String> notices = tune(c, c.model, again, 0).notices;
    ObjectNode config = ModelDirectory.open(again).config();
    ObjectNode before = ModelDirectory.open(c.model).config();
    Map<String, List<Float>> values = values(again);
    Map<String, List<Float>> valuesBefore = values(c.model);
    assertThat(values).hasSameSizeAs(valuesBefore);
    if (c.task.equals("tagging")) {
      // The file's tags are numbered in the order of the alphabet, those of the model otherwise.
      assertThat(notices)
          .hasSize(3)
          .contains(
              c.model
                  + ": the head begins anew: the model's was trained with the labels 'O',"
                  + " 'B-PLACE', 'I-PLACE', 'B-NUMBER', 'B-LIVING', here they are 'B-LIVING',"
                  + " 'B-NUMBER', 'B-PLACE', 'I-PLACE', 'O'",
              c.model + ": tensors not used: 'classifier.*' (2)");
      Stream.of(config, before).forEach(json -> json.remove(List.of("id2label", "label2id")));
      Stream.of(values, valuesBefore)
          .forEach(all -> all.keySet().removeIf(name -> name.startsWith("classifier.")));
    } else {
      assertThat(notices).hasSize(1);
    }
    assertThat(config).isEqualTo(before);
    assertThat(values).isEqualTo(valuesBefore);
  }

  /** transformers would give a head of answers as many rows as there are labels. */
  @Test
  void labelsOfAnotherHeadAreNotKept() {
    Path again = folder.resolve("again");
    tune(Case.of("bert", "squad-1.1"), HEADS.resolve("bert-mnli"), again, 0);
    assertThat(ModelDirectory.open(again).config())
        .isEqualTo(ModelDirectory.open(HEADS.resolve("bert-squad-1.1")).config());
  }

  /** Whose labels have no names, or none that say anything. */
  @Test
  void aHeadOfOtherSizesBeginsAnew() {
    Path numbers = HEADS.resolve("bert-sts-b");
    Path again = folder.resolve("again");
    assertThat(tune(Case.of("bert", "mnli"), numbers, again, 0).notices)
        .contains(numbers + ": the head begins anew: 'classifier.weight' is [1,8], expected [3,8]");
    assertThat(values(again)).containsKeys("classifier.weight [3,8]", "classifier.bias [3]");
  }

  private static Map<String, List<Float>> values(Path model) {
    Map<String, List<Float>> values = new TreeMap<>();
    try (SafeTensors tensors = ModelDirectory.open(model).weights();
        Arena arena = Arena.ofConfined()) {
      for (String name : tensors.names()) {
        assertThat(tensors.dtype(name)).isEqualTo(DType.F32);
        MemorySegment floats = arena.allocate(4 * tensors.shape(name).size());
        tensors.readFloats(name, floats);
        List<Float> all = new ArrayList<>();
        for (float value : floats.toArray(ValueLayout.JAVA_FLOAT)) {
          all.add(value);
        }
        values.put(name + " " + tensors.shape(name), all);
      }
    }
    return values;
  }

  /**
   * {@code -Dmirror4j.heads=FOLDER} writes models that were tuned here, and the tokens and logits
   * of each, for {@code weights-converter/golden/check_heads.py}.
   */
  @ParameterizedTest
  @MethodSource("cases")
  void tunedHere(Case c) throws IOException {
    String folder = System.getProperty("mirror4j.heads");
    assumeTrue(folder != null, "-Dmirror4j.heads names no folder to write models to");
    Path model = Path.of(folder).resolve(c.model.getFileName());
    tune(c, c.base, model, 1e-2);
    Computed got = Computed.of(c, model);
    ObjectNode json = JsonFiles.object();
    ArrayNode examples = json.putArray("ids");
    got.texts.forEach(text -> Arrays.stream(text.ids()).forEach(examples.addArray()::add));
    ArrayNode types = json.putArray("types");
    got.texts.forEach(text -> Arrays.stream(text.typeIds()).forEach(types.addArray()::add));
    ArrayNode logits = json.putArray("logits");
    for (float logit : got.logits) {
      logits.add(logit);
    }
    Files.write(model.resolve("logits.json"), JsonFiles.bytes(json));
  }

  private static TinyRun.Recorder tune(Case c, Path model, Path output, double learningRate) {
    FineTuningSettings settings =
        ToyRun.settings().with(Map.of("epochs", 3, "learningRate", learningRate, "maxLength", 30));
    FineTuning method =
        new FineTuning(
            model,
            model.toString(),
            c.task,
            Collections.emptyNavigableMap(),
            c.data(),
            Optional.empty(),
            (source, tokenizer, maxLength, notices) -> c.read(tokenizer, maxLength, notices),
            "test",
            settings);
    TinyRun.Recorder heard = new TinyRun.Recorder();
    try (Device device = new HostDevice(1)) {
      TinyRun.run(device, method, output, new RunOptions(1000, false, false), heard);
    }
    return heard;
  }
}
