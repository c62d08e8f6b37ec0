package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.checkpoint.OutputPath;
import org.mirror4j.device.Device;
import org.mirror4j.eval.NpyWriter;
import org.mirror4j.eval.TsvVectors;
import org.mirror4j.eval.VectorWriter;
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
    customSynopsis = "mirror4j embed --model DIR --input FILE|- --output FILE.npy|.tsv [OPTION...]",
    description = {
      "Turns each line of a text into a vector, in order: as many vectors as lines.",
      "A blank line has a vector too, that of the empty text."
    })
final class EmbedCommand implements Runnable {
  /** Lines read at once: enough to sort by length, few enough for any memory. */
  private static final int CHUNK = 4096;

  /** More than any maximum length can use. */
  private static final int LINE_CHARACTERS = 100_000;

  private static final double SECONDS_BETWEEN = 5;

  @Spec private CommandSpec command;

  @Option(names = "--model", paramLabel = "DIR", required = true, description = "Model directory.")
  private Path model;

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
              + " replaced where it is there.")
  private Path file;

  @Mixin private EncoderOptions encoding;
  @Mixin private DeviceOptions deviceOptions;
  @Mixin private OutputOptions output;

  @Override
  public void run() {
    String name = file.toString();
    if (!name.endsWith(".npy") && !name.endsWith(".tsv")) {
      throw new ParameterException(
          command.commandLine(), "--output is " + name + ", expected a name in .npy or .tsv");
    }
    Console console = output.console();
    OutputPath.requireApart(file, List.of(input, model));
    if (!input.toString().equals("-")) {
      embed(console, input);
      return;
    }
    try {
      Path spooled = Files.createTempFile("mirror4j-", ".txt");
      try {
        if (Files.copy(System.in, spooled, StandardCopyOption.REPLACE_EXISTING) == 0) {
          throw new IllegalArgumentException("standard input is empty, expected text");
        }
        embed(console, spooled);
      } finally {
        Files.delete(spooled);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("standard input: " + e.getMessage(), e);
    }
  }

  private void embed(Console console, Path text) {
    try (LineReader lines = new LineReader(List.of(text), LINE_CHARACTERS);
        Device device = deviceOptions.open(console);
        LoadedModel loaded = new LoadedModel(device, model)) {
      EncoderOptions.Resolved resolved = encoding.resolve(console, loaded, model.toString());
      console.settings(
          resolved
              .toJson(model.toString())
              .put("input", input.toString())
              .put("output", file.toString()));
      int dimensions = loaded.config().hiddenSize();
      try (TextEncoder encoder = loaded.encoder(resolved);
          VectorWriter writer =
              file.toString().endsWith(".npy")
                  ? new NpyWriter(file, dimensions)
                  : new TsvVectors(file, dimensions)) {
        stream(console, lines, encoder, writer, dimensions);
      }
    }
  }

  private void stream(
      Console console, LineReader lines, TextEncoder encoder, VectorWriter writer, int dimensions) {
    long start = System.nanoTime();
    long told = start;
    long blank = 0;
    List<String> chunk = new ArrayList<>(CHUNK);
    while (fill(chunk, lines)) {
      float[][] vectors = encoder.encode(chunk);
      for (int i = 0; i < vectors.length; i++) {
        blank += chunk.get(i).isBlank() ? 1 : 0;
        writer.write(chunk.get(i), vectors[i]);
      }
      if ((System.nanoTime() - told) * 1e-9 >= SECONDS_BETWEEN) {
        told = System.nanoTime();
        progress(console, lines.lines(), (told - start) * 1e-9);
      }
    }
    writer.finish();
    double seconds = (System.nanoTime() - start) * 1e-9;
    if (blank > 0) {
      console.warning("%,d blank lines have the vector of the empty text".formatted(blank));
    }
    if (lines.invalidLines() > 0) {
      console.warning(
          "%,d lines are not UTF-8, the first is line %d"
              .formatted(lines.invalidLines(), lines.firstInvalidLine()));
    }
    ObjectNode fields =
        Console.object()
            .put("output", file.toString())
            .put("texts", lines.lines())
            .put("dimensions", dimensions)
            .put("seconds", seconds);
    console.result(
        "finished",
        fields,
        "%,d vectors of %d dimensions written to %s in %s"
            .formatted(lines.lines(), dimensions, file, Units.seconds(seconds)));
  }

  private static boolean fill(List<String> chunk, LineReader lines) {
    chunk.clear();
    String line;
    while (chunk.size() < CHUNK && (line = lines.next()) != null) {
      chunk.add(line);
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
