package org.mirror4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.mirror4j.device.Device;
import org.mirror4j.encode.Bundled;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.predict.FilledText;
import org.mirror4j.predict.MaskFiller;
import org.mirror4j.predict.MaskedText;
import org.mirror4j.text.LineReader;
import org.mirror4j.text.TextException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code predict fill-mask}: the likeliest tokens where texts have masks. */
@Command(
    name = "fill-mask",
    sortOptions = false,
    customSynopsis = {
      "mirror4j predict fill-mask [--model DIR] TEXT... [OPTION...]",
      "       mirror4j predict fill-mask [--model DIR] --input FILE|- [OPTION...]"
    },
    description = {
      "Predicts the tokens in place of [MASK] with their probabilities.",
      "The mask is written as the model's tokenizer has it: <mask> for RoBERTa. Each of several is"
          + " predicted by itself, the others masked. The model has the head of masked language"
          + " modelling, as pretrained ones do."
    })
final class FillMaskCommand implements Runnable {
  /** Texts read at once, and characters of them. */
  private static final int CHUNK = 1024, CHUNK_CHARACTERS = 1 << 20;

  private static final int MAX_TOP = 1000;

  @Spec private CommandSpec command;

  @Parameters(
      paramLabel = "TEXT",
      arity = "0..*",
      description = "Texts, such as 'Paris is the capital of [MASK].'")
  private List<String> texts = new ArrayList<>();

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Model directory, a name (see fetch), or bundled. Default: bundled.")
  private ModelArgument model = ModelArgument.BUNDLED;

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description =
          "Texts in place of those of the command line, one a line; UTF-8, perhaps gzipped; - for"
              + " standard input.")
  private Path input;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "Tokens for each mask, the likeliest first. Default: ${DEFAULT-VALUE}.")
  private int top = 5;

  @Option(
      names = "--span",
      description =
          "Predict neighbouring masks by the span boundary objective too, from the tokens beside"
              + " them alone. The model has its head, as those of 'pretrain --objective span+sbo'"
              + " do.")
  private boolean span;

  @Mixin private PrecisionOption precision;
  @Mixin private DeviceOptions deviceOptions;
  @Mixin private OutputOptions output;

  @Override
  public void run() {
    if (top < 1 || top > MAX_TOP) {
      throw new ParameterException(
          command.commandLine(), "--top is %d, expected 1 to %,d".formatted(top, MAX_TOP));
    }
    if (texts.isEmpty() == (input == null)) {
      throw new ParameterException(
          command.commandLine(),
          texts.isEmpty()
              ? "a text is missing, expected texts or --input FILE"
              : "texts and --input are both given, expected one of them");
    }
    Console console = output.console();
    if (input == null) {
      withModel(
          console,
          (filler, print) -> filler.fill(texts.stream().map(filler::read).toList(), print));
      return;
    }
    try (LineReader lines = TextInput.open(input)) {
      String first = TextInput.first(input, lines);
      withModel(console, (filler, print) -> fill(filler, lines, first, print));
      TextInput.warn(console, lines);
    }
  }

  private void withModel(Console console, BiConsumer<MaskFiller, Consumer<FilledText>> work) {
    try (Bundled bundled = Bundled.open();
        Device device = deviceOptions.open(console);
        MaskFiller filler =
            new MaskFiller(
                device,
                model.path(console, bundled),
                model.text(),
                new MaskFiller.Options(top, span, precision.value()))) {
      filler.notes().forEach(note -> console.notice(model + ": " + note));
      console.settings(
          JsonFiles.object()
              .put("model", model.text())
              .put("top", top)
              .put("span", span)
              .put("maxLength", filler.maxLength())
              .put("precision", precision.value().label()));
      FillMaskOutput results = new FillMaskOutput(console, filler);
      work.accept(filler, results::print);
      results.warn();
    }
  }

  /** Prints what is before a line that cannot be filled, and fails there. */
  private static void fill(
      MaskFiller filler, LineReader lines, String first, Consumer<FilledText> print) {
    List<MaskedText> chunk = new ArrayList<>();
    int characters = 0;
    for (String line = first; line != null; line = lines.next()) {
      try {
        chunk.add(filler.read(line));
      } catch (IllegalArgumentException e) {
        filler.fill(chunk, print);
        throw new TextException(lines.place() + ": " + e.getMessage(), e);
      }
      characters += line.length();
      if (chunk.size() == CHUNK || characters >= CHUNK_CHARACTERS) {
        filler.fill(chunk, print);
        chunk.clear();
        characters = 0;
      }
    }
    filler.fill(chunk, print);
  }
}
