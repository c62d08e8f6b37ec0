package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.device.Device;
import org.mirror4j.encode.Bundled;
import org.mirror4j.encode.Encoding;
import org.mirror4j.encode.LoadedModel;
import org.mirror4j.encode.NpyWriter;
import org.mirror4j.encode.PrintedVectors;
import org.mirror4j.encode.TsvVectors;
import org.mirror4j.encode.VectorWriter;
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
    customSynopsis =
        "mirror4j embed --model DIR --input FILE|- --output FILE.npy|.tsv|- [OPTION...]",
    description = {
      "Turns each line of a text into a vector, in order: as many vectors as lines.",
      "A blank line has a vector too, that of the empty text."
    })
final class EmbedCommand implements Runnable {
  /** Lines read at once: enough to sort by length, few enough for any memory. */
  private static final int CHUNK = 4096;

  /** Characters read at once, for long lines. */
  private static final int CHUNK_CHARACTERS = 1 << 22;

  private static final double SECONDS_BETWEEN = 5;

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
          "FILE.npy (NumPy, f32 [lines, dimensions]) or FILE.tsv (text and values, a line each);"
              + " replaced where it is there. - for standard output: lines as in FILE.tsv, or with"
              + " --json objects of text and vector, and nothing else there.")
  private Path file;

  @Mixin private EncoderOptions encoding;
  @Mixin private DeviceOptions deviceOptions;
  @Mixin private OutputOptions output;

  @Override
  public void run() {
    String name = file.toString();
    if (!isPrinted() && !name.endsWith(".npy") && !name.endsWith(".tsv")) {
      throw new ParameterException(
          command.commandLine(), "--output is " + name + ", expected a name in .npy or .tsv, or -");
    }
    Console said = output.console();
    Console console = isPrinted() ? said.aside() : said;
    if (!isPrinted()) {
      OutputPath.requireApart(file, List.of(input, Path.of(model.text())));
    }
    List<String> chunk = new ArrayList<>(CHUNK);
    try (LineReader lines = TextInput.open(input)) {
      chunk.add(TextInput.first(input, lines));
      embed(console, lines, chunk, said.json());
    }
  }

  private void embed(Console console, LineReader lines, List<String> chunk, boolean json) {
    try (Bundled bundled = Bundled.open();
        Device device = deviceOptions.open(console);
        LoadedModel loaded = new LoadedModel(device, model.path(console, bundled))) {
      Encoding.Resolved resolved =
          encoding.encoding().resolve(loaded, model.text(), console::notice, console::warning);
      console.settings(
          EncoderOptions.json(resolved, model.text())
              .put("input", input.toString())
              .put("output", file.toString()));
      try (TextEncoder encoder = loaded.encoder(resolved.options(), resolved.precision());
          VectorWriter writer = writer(json, encoder.dimensions())) {
        stream(console, lines, chunk, encoder, writer, encoder.dimensions());
      }
    }
  }

  private boolean isPrinted() {
    return file.toString().equals("-");
  }

  private VectorWriter writer(boolean json, int dimensions) {
    if (isPrinted()) {
      return new PrintedVectors(command.commandLine().getOut(), json, dimensions);
    }
    return file.toString().endsWith(".npy")
        ? new NpyWriter(file, dimensions)
        : new TsvVectors(file, dimensions);
  }

  /**
   * Writes the vectors of all lines.
   *
   * @param chunk lines that were read before; changed
   */
  private void stream(
      Console console,
      LineReader lines,
      List<String> chunk,
      TextEncoder encoder,
      VectorWriter writer,
      int dimensions) {
    long start = System.nanoTime();
    long told = start;
    long blank = 0;
    while (fill(chunk, lines)) {
      float[][] vectors = encoder.encode(chunk);
      for (int i = 0; i < vectors.length; i++) {
        blank += chunk.get(i).isBlank() ? 1 : 0;
        writer.write(chunk.get(i), vectors[i]);
      }
      chunk.clear();
      if ((System.nanoTime() - told) * 1e-9 >= SECONDS_BETWEEN) {
        told = System.nanoTime();
        progress(console, lines.lines(), (told - start) * 1e-9);
      }
    }
    writer.finish();
    double seconds = (System.nanoTime() - start) * 1e-9;
    warn(console, lines, blank, encoder.cutTexts());
    ObjectNode fields =
        Console.object()
            .put("output", file.toString())
            .put("texts", lines.lines())
            .put("dimensions", dimensions)
            .put("blankLines", blank)
            .put("cutLines", lines.cutLines())
            .put("cutTexts", encoder.cutTexts())
            .put("invalidLines", lines.invalidLines())
            .put("seconds", seconds);
    console.result(
        "finished",
        fields,
        "%,d vectors of %d dimensions written to %s in %s"
            .formatted(
                lines.lines(),
                dimensions,
                isPrinted() ? "standard output" : file,
                Units.seconds(seconds)));
  }

  /** Says what of the text is not as it was, each kind in one line. */
  private static void warn(Console console, LineReader lines, long blank, long cutTexts) {
    if (blank > 0) {
      console.warning("%,d blank lines have the vector of the empty text".formatted(blank));
    }
    if (cutTexts > 0) {
      console.warning(
          "%,d of %,d texts are longer than the maximum length and are cut; see --max-length"
              .formatted(cutTexts, lines.lines()));
    }
    TextInput.warn(console, lines);
  }

  private static boolean fill(List<String> chunk, LineReader lines) {
    int characters = 0;
    String line;
    while (chunk.size() < CHUNK && characters < CHUNK_CHARACTERS && (line = lines.next()) != null) {
      chunk.add(line);
      characters += line.length();
    }
    return !chunk.isEmpty();
  }

  private static void progress(Console console, long texts, double seconds) {
    if (console.json()) {
      console.event("progress", Console.object().put("texts", texts).put("seconds", seconds));
    } else {
      console.notice("%,d texts, %,.0f a second".formatted(texts, texts / seconds));
    }
  }
}
