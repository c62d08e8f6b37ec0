package org.mirror4j.cli;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.checkpoint.ModelContents;
import org.mirror4j.checkpoint.ModelOutput;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.device.Device;
import org.mirror4j.device.Versions;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.file.OutputLock;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Tokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code init}: a model of random weights. */
@Command(
    name = "init",
    sortOptions = false,
    customSynopsis = "mirror4j init --config SIZE --output DIR [OPTION...]",
    description = "Writes a model with random weights: for benchmarks and tests, it knows nothing.")
final class InitCommand implements Runnable {
  /** Pieces of bert-base-uncased and bert-large-uncased. */
  private static final int BERT_PIECES = 30_522;

  /** Named shapes; those of BERT have its vocabulary size too. */
  enum ModelShape {
    TINY(ModelSize.TINY),
    MINI(ModelSize.MINI),
    SMALL(ModelSize.SMALL),
    MEDIUM(ModelSize.MEDIUM),
    BASE(ModelSize.BASE),
    LARGE(ModelSize.LARGE),
    BERT_BASE_UNCASED_SHAPE(ModelSize.BASE),
    BERT_LARGE_UNCASED_SHAPE(ModelSize.LARGE);

    private final ModelSize size;

    ModelShape(ModelSize size) {
      this.size = size;
    }

    int vocabSize() {
      return name().startsWith("BERT") ? BERT_PIECES : 8192;
    }
  }

  @Spec private CommandSpec command;

  @Option(
      names = "--config",
      paramLabel = "SIZE",
      required = true,
      description =
          "tiny, mini, small, medium, base, large, bert-base-uncased-shape or"
              + " bert-large-uncased-shape.")
  private ModelShape shape;

  @Option(
      names = "--vocab",
      paramLabel = "FILE",
      description = "A vocab.txt of BERT. Default: a generated one, of all short strings.")
  private Path vocab;

  @Option(
      names = "--vocab-size",
      paramLabel = "N",
      description =
          "Pieces of the generated vocabulary. Default: 8192, or 30522 for the shapes of BERT.")
  private Integer vocabSize;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Of the weights. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--store",
      paramLabel = "TYPE",
      defaultValue = "f32",
      description = "Type of the written weights: f32, f16 or bf16. Default: ${DEFAULT-VALUE}.")
  private DType store;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "Model directory to write.")
  private Path target;

  @Option(names = "--overwrite", description = "Replace the output where it is there.")
  private boolean overwrite;

  @Mixin private DeviceOptions deviceOptions;
  @Mixin private OutputOptions output;

  @Override
  public void run() {
    if (vocab != null && vocabSize != null) {
      throw new ParameterException(
          command.commandLine(),
          "--vocab-size is for the generated vocabulary, --vocab has its own size");
    }
    Console console = output.console();
    try (OutputLock _ = ModelOutput.lock(target, overwrite);
        Device device = deviceOptions.open(console);
        Workspace workspace = new Workspace(device);
        Arena arena = Arena.ofConfined();
        Tokenizer tokenizer = Tokenizer.wordPiece(vocabulary(), true)) {
      BertConfig config = shape.size.config(tokenizer.vocabSize(), tokenizer.padId());
      console.settings(
          JsonFiles.object()
              .put("command", "init")
              .put("config", JsonRecords.label(shape))
              .put("vocab", vocab == null ? "generated" : vocab.toString())
              .put("vocabSize", config.vocabSize())
              .put("seed", seed)
              .put("store", store.label())
              .put("output", target.toString()));
      BertModel model = BertModel.fresh(device, workspace, config, seed);
      ModelSettings made =
          new ModelSettings(
              Optional.empty(),
              OptionalInt.empty(),
              Optional.of(
                  new ModelSettings.Provenance(
                      "init",
                      seed,
                      "none",
                      Versions.of(device),
                      JsonFiles.object().put("config", JsonRecords.label(shape)))));
      ModelOutput.write(
          target,
          new ModelContents(
              config.toJson(false), model.tensors(device, arena, store), made, tokenizer::save),
          overwrite);
      long parameters = model.parameters().size();
      console.result(
          "finished",
          JsonFiles.object().put("output", target.toString()).put("parameters", parameters),
          "%,d random weights written to %s".formatted(parameters, target));
    }
  }

  private List<String> vocabulary() {
    if (vocab == null) {
      return generated();
    }
    try {
      return Files.readAllLines(vocab);
    } catch (IOException e) {
      throw FileException.of("cannot read " + vocab, e);
    }
  }

  private List<String> generated() {
    int size = vocabSize == null ? shape.vocabSize() : vocabSize;
    try {
      return GeneratedVocabulary.of(size);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), "--vocab-size: " + e.getMessage(), e);
    }
  }
}
