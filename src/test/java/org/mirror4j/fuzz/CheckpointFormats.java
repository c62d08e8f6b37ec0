package org.mirror4j.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.calibrate.flow.FlowArchitecture;
import org.mirror4j.calibrate.flow.FlowCoupling;
import org.mirror4j.calibrate.flow.FlowFile;
import org.mirror4j.calibrate.flow.FlowPermutation;
import org.mirror4j.calibrate.flow.NormalizingFlow;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.checkpoint.TensorEntry;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.checkpoint.TrainingState;
import org.mirror4j.checkpoint.TrainingState.Buffers;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Parameter;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Workspace;

/** Weights as safetensors, the JSON files of a model, checkpoints of a run. */
final class CheckpointFormats {
  static final Set<Class<? extends Exception>> REFUSALS = Set.of(FileException.class);

  private static final Set<Class<? extends Exception>> CONFIG_REFUSALS =
      Set.of(FileException.class, IllegalArgumentException.class);

  private static final List<Mutator> JSON =
      List.of(new JsonMutator(), new JsonMutator(), new TextMutator(), ByteMutator.PLAIN);

  private static final List<Mutator> TENSORS =
      List.of(new SafeTensorsMutator(), new SafeTensorsMutator(), ByteMutator.PLAIN);

  /** Elements that are read; what a file of some kilobytes holds is below. */
  private static final long MOST_ELEMENTS = 1 << 20;

  private static final ParameterTable TABLE =
      ParameterTable.of(
          List.of(
              scope -> {
                scope.take(Parameter.weight("b", 1, 2, 1));
                scope.take(Parameter.bias("a", 2));
              }));

  private CheckpointFormats() {}

  static List<FuzzTarget> all() {
    return List.of(
        target("safetensors", CheckpointFormats::tensors, CheckpointFormats::readTensors, REFUSALS),
        target(
            "safetensors-index", CheckpointFormats::shards, CheckpointFormats::readModel, REFUSALS),
        target(
            "config", CheckpointFormats::configs, CheckpointFormats::readConfig, CONFIG_REFUSALS),
        target(
            "sentence-transformers",
            CheckpointFormats::modules,
            directory -> ModelDirectory.open(directory).settings(),
            CONFIG_REFUSALS),
        target(
            "mirror4j-json",
            CheckpointFormats::settings,
            directory -> ModelDirectory.open(directory).settings(),
            CONFIG_REFUSALS),
        target(
            "dense",
            CheckpointFormats::dense,
            directory -> ModelDirectory.open(directory).dense(),
            REFUSALS),
        target(
            "flow",
            () -> List.of(FuzzInput.of(FlowFile.NAME, flow())),
            CheckpointFormats::readFlow,
            REFUSALS),
        target(
            "training-state", CheckpointFormats::states, CheckpointFormats::readState, REFUSALS));
  }

  private static FuzzTarget target(
      String name,
      Supplier<List<FuzzInput>> seeds,
      ReaderTarget.FileReader reader,
      Set<Class<? extends Exception>> refusals) {
    return new ReaderTarget(
        name, seeds, CheckpointFormats::mutators, ReaderTarget.ofFiles(reader), refusals, false);
  }

  static List<Mutator> mutators(String file) {
    return file.endsWith(".safetensors") ? TENSORS : JSON;
  }

  private static List<FuzzInput> tensors() {
    byte[] several =
        Seeds.safetensors(
            List.of(
                Seeds.tensor("a.weight", DType.F32, Shape.of(2, 3)),
                Seeds.tensor("a.bias", DType.F16, Shape.of(3)),
                Seeds.tensor("b", DType.BF16, Shape.of(2, 2))));
    byte[] one = Seeds.safetensors(List.of(Seeds.tensor("w", DType.F32, Shape.of(5))));
    return List.of(
        FuzzInput.of("model.safetensors", several), FuzzInput.of("model.safetensors", one));
  }

  private static void readTensors(Path directory) {
    try (SafeTensors file = SafeTensors.open(directory.resolve("model.safetensors"))) {
      readAll(file);
    }
  }

  /** Reads every tensor as floats. */
  static void readAll(TensorSource source) {
    for (String name : source.names()) {
      long elements = source.shape(name).size();
      if (elements <= MOST_ELEMENTS) {
        try (Arena arena = Arena.ofConfined()) {
          source.readFloats(name, arena.allocate(4 * elements, 64));
        }
      }
    }
  }

  private static List<FuzzInput> shards() {
    String map = "{\"a\":\"m-1-of-2.safetensors\",\"b\":\"m-2-of-2.safetensors\"}";
    return List.of(
        FuzzInput.of("config.json", "{\"model_type\":\"bert\"}")
            .with(
                "model.safetensors.index.json",
                "{\"metadata\":{\"total_size\":48},\"weight_map\":" + map + "}")
            .with(
                "m-1-of-2.safetensors",
                Seeds.safetensors(List.of(Seeds.tensor("a", DType.F32, Shape.of(2, 3)))))
            .with(
                "m-2-of-2.safetensors",
                Seeds.safetensors(List.of(Seeds.tensor("b", DType.F32, Shape.of(6))))));
  }

  private static void readModel(Path directory) {
    try (SafeTensors weights = ModelDirectory.open(directory).weights()) {
      readAll(weights);
    }
  }

  private static List<FuzzInput> configs() {
    return Stream.of(BertConfig.Family.values())
        .map(family -> Seeds.config(family).toJson(true))
        .map(json -> FuzzInput.of("config.json", JsonFiles.bytes(json)))
        .toList();
  }

  private static void readConfig(Path directory) {
    BertConfig.parse(ModelDirectory.open(directory).config());
  }

  private static List<FuzzInput> modules() {
    FuzzInput config = FuzzInput.of("config.json", "{\"hidden_size\":6}");
    String module =
        "{\"idx\":%d,\"name\":\"%d\",\"path\":\"%s\",\"type\":\"sentence_transformers.models.%s\"}";
    FuzzInput whole =
        config
            .with(
                "modules.json",
                "[%s,%s,%s]"
                    .formatted(
                        module.formatted(0, 0, "", "Transformer"),
                        module.formatted(1, 1, "1_Pooling", "Pooling"),
                        module.formatted(2, 2, "2_Normalize", "Normalize")))
            .with(
                "1_Pooling/config.json",
                "{\"word_embedding_dimension\":6,\"pooling_mode_cls_token\":false,\"pooling_mode_mean_tokens\":true,\"pooling_mode_max_tokens\":false,\"include_prompt\":true}")
            .with("sentence_bert_config.json", "{\"max_seq_length\":128,\"do_lower_case\":false}")
            .with(
                "config_sentence_transformers.json",
                "{\"__version__\":{\"sentence_transformers\":\"2.2.2\"},\"prompts\":{\"query\":\"q:"
                    + " \"},\"default_prompt_name\":null,\"similarity_fn_name\":\"cosine\"}");
    FuzzInput byName =
        config
            .with("modules.json", "[" + module.formatted(0, 0, "", "Transformer") + "]")
            .with("1_Pooling/config.json", "{\"pooling_mode\":\"cls\"}")
            .with("sentence_roberta_config.json", "{\"max_seq_length\":64}");
    FuzzInput layers =
        FuzzInput.of(
                "config.json",
                "{\"hidden_size\":6,\"num_hidden_layers\":3,\"output_hidden_states\":true}")
            .with(
                "modules.json",
                "[%s,%s,%s]"
                    .formatted(
                        module.formatted(0, 0, "", "Transformer"),
                        module.formatted(1, 1, "1_WeightedLayerPooling", "WeightedLayerPooling"),
                        module.formatted(2, 2, "2_Pooling", "Pooling")))
            .with(
                "1_WeightedLayerPooling/config.json",
                "{\"embedding_dimension\":6,\"layer_start\":1,\"num_hidden_layers\":3}")
            .with(
                "1_WeightedLayerPooling/model.safetensors",
                Seeds.safetensors(
                    List.of(
                        new TensorEntry(
                            "layer_weights",
                            DType.F32,
                            Shape.of(3),
                            MemorySegment.ofArray(new float[] {1, 0, 1})))))
            .with("2_Pooling/config.json", "{\"pooling_mode\":\"mean\"}");
    return List.of(whole, byName, layers);
  }

  private static List<FuzzInput> settings() {
    FuzzInput config = FuzzInput.of("config.json", "{\"hidden_size\":6}");
    return List.of(
        config.with("mirror4j.json", "{\"format\":1,\"pooling\":\"mean\",\"max_length\":50}"),
        config
            .with(
                "mirror4j.json",
                "{\"format\":1,\"pooling\":\"cls\",\"max_length\":25,\"recipe\":\"word\",\"seed\":42,\"data_hash\":\"sha256:ab\",\"versions\":{\"mirror4j\":\"1\"},\"run\":{\"epochs\":2},\"calibration\":{\"form\":\"flow\",\"method\":\"flow\",\"fitted_on\":[\"stsb\"],\"test_sets\":[],\"texts\":9,\"data_hash\":\"ab\",\"versions\":{\"java\":\"25\"},\"run\":{}}}")
            .with("flow.safetensors", flow()));
  }

  private static byte[] flow() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Device device = new HostDevice(1);
        Workspace workspace = new Workspace(device)) {
      FlowArchitecture architecture =
          new FlowArchitecture(4, 1, 1, 2, FlowCoupling.AFFINE, FlowPermutation.PLU);
      FlowFile.write(
          Channels.newChannel(bytes),
          device,
          NormalizingFlow.fresh(device, workspace, architecture, 1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void readFlow(Path directory) {
    try (Device device = new HostDevice(1);
        Workspace workspace = new Workspace(device)) {
      FlowFile.read(device, workspace, directory.resolve(FlowFile.NAME));
    }
  }

  private static List<FuzzInput> dense() {
    byte[] weights =
        Seeds.safetensors(
            List.of(
                Seeds.tensor("linear.weight", DType.F32, Shape.of(3, 6)),
                Seeds.tensor("linear.bias", DType.F16, Shape.of(3))));
    String module =
        "{\"in_features\":6,\"out_features\":3,\"bias\":true,\"activation_function\":\"torch.nn.modules.linear.Identity\",\"module_input_name\":\"sentence_embedding\"}";
    return List.of(
        FuzzInput.of("config.json", "{\"hidden_size\":6}")
            .with("mirror4j.json", "{\"format\":1,\"pooling\":\"mask\",\"dense\":[\"2_Dense\"]}")
            .with("2_Dense/config.json", module)
            .with("2_Dense/model.safetensors", weights));
  }

  private static List<FuzzInput> states() {
    return List.of(
        Seeds.written(
            directory ->
                new TrainingState(
                        12,
                        2,
                        "sha256:ab",
                        new TreeMap<>(Map.of("mirror4j", "1")),
                        JsonFiles.object().put("seed", 7),
                        JsonFiles.object().put("loss_scale", 65536))
                    .write(directory, List.of(buffers()))));
  }

  private static Buffers buffers() {
    return new Buffers(
        TABLE,
        MemorySegment.ofArray(new float[TABLE.size()]),
        MemorySegment.ofArray(new float[TABLE.size()]),
        MemorySegment.ofArray(new float[TABLE.size()]));
  }

  private static void readState(Path directory) {
    Path checkpoint = TrainingState.latest(directory).orElse(directory.resolve("checkpoint-12"));
    TrainingState.read(checkpoint);
    TrainingState.readBuffers(checkpoint, List.of(buffers()));
  }
}
