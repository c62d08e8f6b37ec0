package org.mirror4j.lucene;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.mirror4j.cli.Console;
import org.mirror4j.cli.EmbeddingProgress;
import org.mirror4j.cli.OutputOptions;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.file.OutputPath;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code index}: an index from a text and a model. */
@Command(
    name = "index",
    sortOptions = false,
    customSynopsis = Main.NAME + " index --model DIR --corpus FILE|- --output DIR [OPTION...]",
    description = {
      "Makes an index of the lines of a text by their vectors. It appears whole or not at all.",
      "Blank lines are passed over."
    })
final class IndexCommand implements Runnable {
  private static final String STANDARD_INPUT = "standard input";

  @Option(
      names = "--corpus",
      paramLabel = "FILE",
      required = true,
      description = "Text, one item a line; UTF-8, perhaps gzipped; - for standard input.")
  private Path corpus;

  @Option(
      names = "--lines",
      paramLabel = "FORM",
      description =
          "What a line is: text, whose identifier is the number of the line; names, as id||name or"
              + " id|id||name|name; tab, an identifier, a tab and a text. Default: what the first"
              + " line looks like.")
  private ItemLines.Form form;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "Directory of the index.")
  private Path index;

  @Option(names = "--overwrite", description = "Replace the index where there is one.")
  private boolean overwrite;

  @Mixin private ModelOptions modelOptions;
  @Mixin private OutputOptions output;

  @Override
  public void run() {
    Console console = output.console();
    boolean standard = corpus.toString().equals("-");
    OutputPath.requireApart(index, List.of(corpus));
    try (ItemLines items =
        standard ? ItemLines.of(STANDARD_INPUT, System.in, form) : ItemLines.open(corpus, form)) {
      items.requireAny(standard ? STANDARD_INPUT : corpus.toString());
      TextIndexWriter.requireFree(index, overwrite);
      try (IndexModel model = modelOptions.load(console)) {
        console.notice("lines: " + JsonRecords.label(items.form()));
        TextIndexWriter.Summary written =
            TextIndexWriter.write(
                index, overwrite, model, items, new EmbeddingProgress(console, "items"));
        items.remarks().forEach(console::notice);
        tell(console, items.form(), model, written);
      }
    }
  }

  private void tell(
      Console console, ItemLines.Form form, IndexModel model, TextIndexWriter.Summary written) {
    if (written.cutTexts() > 0) {
      console.notice(
          "%,d of %,d texts are longer than the model takes: their %s are not in the vectors"
              .formatted(
                  written.cutTexts(),
                  written.items(),
                  model.encoder().cutsLeft() ? "beginnings" : "ends"));
    }
    console.result(
        "finished",
        JsonFiles.object()
            .put("output", index.toString())
            .put("lines", JsonRecords.label(form))
            .put("items", written.items())
            .put("cutTexts", written.cutTexts())
            .put("seconds", written.seconds()),
        String.format(
            Locale.ROOT,
            "%,d items indexed in %s in %.1f s",
            written.items(),
            index,
            written.seconds()));
  }
}
