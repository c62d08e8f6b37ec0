package org.mirror4j.cli;

import java.nio.file.Path;
import java.util.List;
import org.mirror4j.device.Versions;
import org.mirror4j.encode.Bundled;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.file.OutputPath;
import org.mirror4j.onnx.OnnxExport;
import org.mirror4j.onnx.Precision;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code export onnx}: an encoder as an ONNX graph. */
@Command(
    name = "onnx",
    sortOptions = false,
    customSynopsis = "mirror4j export onnx --model MODEL --output DIR [OPTION...]",
    description = {
      "Writes an encoder as model.onnx (opset 17) with its tokenizer and a card: for ONNX Runtime,"
          + " LangChain4j, Spring AI, DJL. The graph takes input_ids, attention_mask and for BERT"
          + " token_type_ids, and gives last_hidden_state and sentence_embedding: the vector that"
          + " the model has here, with its template or default prompt, pooling, Dense modules,"
          + " normalisation and length. A flow cannot be exported."
    })
final class ExportOnnxCommand implements Runnable {
  @Option(
      names = "--model",
      paramLabel = "MODEL",
      required = true,
      description =
          "Model directory, the name of a model that has been fetched, or bundled for the one that"
              + " comes with the program.")
  private ModelArgument model;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "Directory to write.")
  private Path target;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      defaultValue = "f32",
      description =
          "Type of the matrices of the encoder: f32, f16 (half the bytes, computed in f32) or int8"
              + " (a quarter; products of integers of 8 bits, with a scale for each output and for"
              + " what a batch gives them). Default: ${DEFAULT-VALUE}.")
  private Precision precision;

  @Option(names = "--overwrite", description = "Replace a model directory that is there.")
  private boolean overwrite;

  @Mixin private OutputOptions output;

  @Override
  public void run() {
    Console console = output.console();
    console.notice("mirror4j " + Versions.mirror4j() + ", Java " + Runtime.version());
    long start = System.nanoTime();
    try (Bundled bundled = Bundled.open()) {
      Path directory = model.path(console, bundled);
      OutputPath.requireApart(target, List.of(directory));
      OnnxExport.Result result =
          OnnxExport.write(directory, model.toString(), precision, target, overwrite);
      result.notes().forEach(note -> console.notice(model + ": " + note));
      double seconds = (System.nanoTime() - start) * 1e-9;
      console.result(
          "finished",
          JsonFiles.object()
              .put("output", target.toString())
              .put("precision", JsonRecords.label(precision))
              .put("pooling", result.pooling().label())
              .put("maxLength", result.maxLength())
              .put("dimensions", result.dimensions())
              .put("bytes", result.bytes())
              .put("seconds", seconds),
          "written to %s: vectors of %d dimensions, pooling %s, at most %d tokens, %s in %s"
              .formatted(
                  target,
                  result.dimensions(),
                  result.pooling(),
                  result.maxLength(),
                  Units.bytes(result.bytes()),
                  Units.seconds(seconds)));
    }
  }
}
