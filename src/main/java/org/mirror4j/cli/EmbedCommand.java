package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.device.Device;
import org.mirror4j.encode.Bundled;
import org.mirror4j.encode.Encoding;
import org.mirror4j.encode.LoadedModel;
import org.mirror4j.encode.NpyWriter;
import org.mirror4j.encode.PrintedVectors;
import org.mirror4j.encode.TsvVectors;
import org.mirror4j.encode.VectorStream;
import org.mirror4j.encode.VectorType;
import org.mirror4j.encode.VectorWriter;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.file.OutputPath;
import org.mirror4j.text.LineReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code embed}: one vector a line of text. */
@Command(
    name = "embed",
    sortOptions = false,
    customSynopsis = {
      "mirror4j embed --model DIR --input FILE|- --output FILE.npy|.tsv|- [OPTION...]",
      "       mirror4j embed --model DIR --input FILE --output DIR --part-lines N [OPTION...]"
    },
    description = {
      "Turns each line of a text into a vector, in order: as many vectors as lines.",
      "A blank line has a vector too, that of the empty text."
    })
final class EmbedCommand implements Runnable {
  @Spec private CommandSpec command;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      required = true,
      description =
          "Model directory, a name (see fetch), or bundled for the model that comes with the"
              + " program.")
  private ModelArgument model;

  @Option(
      names = "--input",
      paramLabel = "FILE",
      required = true,
      description = "Text, one item a line; UTF-8, perhaps gzipped; - for standard input.")
  private Path input;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      required = true,
      description =
          "FILE.npy (NumPy, [lines, dimensions]) or FILE.tsv (text and values, a line each);"
              + " replaced where it is there. - for standard output: lines as in FILE.tsv, or with"
              + " --json objects of text and vector, and nothing else there. With --part-lines a"
              + " directory.")
  private Path file;

  @Option(
      names = "--vectors",
      paramLabel = "TYPE",
      defaultValue = "f32",
      description =
          "Type of the values in NumPy files: f32, f16, int8 (127 times each value over the largest"
              + " of its vector) or binary (a bit a value, 1 above 0, as numpy.packbits). Default:"
              + " ${DEFAULT-VALUE}.")
  private VectorType type;

  @Option(
      names = "--truncate-dimension",
      paramLabel = "K",
      description = "Keep the first K values of each vector. Default: all, or as the model says.")
  private Integer truncated;

  @Mixin private PartOptions parts;
  @Mixin private EncoderOptions encoding;
  @Mixin private DeviceOptions deviceOptions;
  @Mixin private KernelFolder kernels;
  @Mixin private OutputOptions output;

  @Override
  public void run() {
    requireOutput();
    Encoding asked = encoding.encoding();
    Console said = output.console();
    Console console = isPrinted() ? said.aside() : said;
    if (!isPrinted()) {
      OutputPath.requireApart(file, List.of(input, Path.of(model.text())));
    }
    try (LineReader lines = TextInput.open(input)) {
      embed(console, lines, TextInput.first(input, lines), said.json(), asked);
    }
  }

  private void requireOutput() {
    String name = file.toString();
    if (truncated != null && truncated < 1) {
      throw wrong("--truncate-dimension is %d, expected at least 1", truncated);
    }
    if (parts.isAsked()) {
      if (isPrinted() || name.endsWith(".npy") || name.endsWith(".tsv")) {
        throw wrong("--output is %s, expected a directory with --part-lines", name);
      }
      if (input.toString().equals("-") || Files.exists(input) && !Files.isRegularFile(input)) {
        throw wrong(
            "--input is %s, expected a regular file with --part-lines: it is read again when parts"
                + " are gone on with",
            input);
      }
    } else if (!isPrinted() && !name.endsWith(".npy") && !name.endsWith(".tsv")) {
      throw wrong(
          "--output is %s, expected a name in .npy or .tsv, or -, or --part-lines N for a"
              + " directory",
          name);
    } else if (type != VectorType.F32 && !name.endsWith(".npy")) {
      throw wrong("--vectors is %s, expected f32, or an --output in .npy", JsonRecords.label(type));
    }
  }

  private ParameterException wrong(String message, Object... values) {
    return new ParameterException(command.commandLine(), message.formatted(values));
  }

  private void embed(
      Console console, LineReader lines, String first, boolean json, Encoding asked) {
    try (Bundled bundled = Bundled.open();
        Device device = deviceOptions.open(console, kernels)) {
      Path directory = model.path(console, bundled);
      try (LoadedModel loaded = new LoadedModel(device, directory)) {
        Encoding.Resolved resolved =
            asked.resolve(loaded, model.text(), console::notice, console::warning);
        TextEncoder.Options options = resolved.options();
        try (TextEncoder encoder =
                loaded.encoder(
                    truncated == null ? options : options.withDimensions(truncated),
                    resolved.precision());
            VectorStream stream = new VectorStream(lines, first, encoder)) {
          requireDimensions(encoder.dimensions());
          ObjectNode settings =
              EncoderOptions.json(resolved, model.text())
                  .put("dimensions", encoder.dimensions())
                  .put("vectors", JsonRecords.label(type));
          if (!device.replacedKernels().isEmpty()) {
            device.replacedKernels().forEach(settings.putObject("kernels")::put);
          }
          console.settings(
              settings.deepCopy().put("input", input.toString()).put("output", file.toString()));
          EmbeddingProgress progress = new EmbeddingProgress(console, "texts");
          long written =
              parts.isAsked()
                  ? parts.write(
                      device,
                      stream,
                      encoder.dimensions(),
                      type,
                      progress,
                      file,
                      input,
                      directory,
                      settings)
                  : write(stream, encoder.dimensions(), json, progress);
          tell(console, lines, stream, encoder.dimensions(), written, progress.seconds());
        }
      }
    }
  }

  private void requireDimensions(int dimensions) {
    if (truncated != null && truncated != dimensions) {
      throw wrong(
          "--truncate-dimension is %d, expected 1 to %d, as many as the model's vectors have",
          truncated, dimensions);
    }
  }

  private boolean isPrinted() {
    return file.toString().equals("-");
  }

  private long write(
      VectorStream stream, int dimensions, boolean json, EmbeddingProgress progress) {
    try (VectorWriter writer = writer(json, dimensions)) {
      long written = stream.write(writer, Long.MAX_VALUE, progress);
      writer.finish();
      return written;
    }
  }

  private VectorWriter writer(boolean json, int dimensions) {
    if (isPrinted()) {
      return new PrintedVectors(command.commandLine().getOut(), json, dimensions);
    }
    return file.toString().endsWith(".npy")
        ? new NpyWriter(file, dimensions, type, 0)
        : new TsvVectors(file, dimensions);
  }

  private void tell(
      Console console,
      LineReader lines,
      VectorStream stream,
      int dimensions,
      long written,
      double seconds) {
    warn(console, lines, stream, written);
    ObjectNode fields =
        JsonFiles.object()
            .put("output", file.toString())
            .put("texts", written)
            .put("dimensions", dimensions)
            .put("blankLines", stream.blankLines())
            .put("cutLines", lines.cutLines())
            .put("cutTexts", stream.cutTexts())
            .put("invalidLines", lines.invalidLines())
            .put("seconds", seconds);
    console.result(
        "finished",
        fields,
        "%,d vectors of %d dimensions written to %s in %s"
            .formatted(
                written,
                dimensions,
                isPrinted() ? "standard output" : file,
                Units.seconds(seconds)));
  }

  /** Says what of the text is not as it was, each kind in one line. */
  private static void warn(Console console, LineReader lines, VectorStream stream, long written) {
    if (stream.blankLines() > 0) {
      console.warning(
          "%,d blank lines have the vector of the empty text".formatted(stream.blankLines()));
    }
    if (stream.cutTexts() > 0) {
      console.warning(
          "%,d of %,d texts are longer than the maximum length and are cut; see --max-length"
              .formatted(stream.cutTexts(), written));
    }
    TextInput.warn(console, lines);
  }
}
