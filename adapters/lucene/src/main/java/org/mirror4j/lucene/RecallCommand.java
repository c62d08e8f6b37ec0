package org.mirror4j.lucene;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mirror4j.cli.Console;
import org.mirror4j.cli.OutputOptions;
import org.mirror4j.cli.ReportFiles;
import org.mirror4j.device.Device;
import org.mirror4j.encode.Devices;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.OutputPath;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code recall}: how much of what an exact search finds an index finds, and how fast. */
@Command(
    name = "recall",
    sortOptions = false,
    customSynopsis = Main.NAME + " recall --index DIR --model DIR --queries FILE [OPTION...]",
    description = {
      "Measures recall@10 of an index and the time of a query beside mirror4j's exact search.",
      "All vectors of the index are read into memory. The exact search runs on the processor."
    })
final class RecallCommand implements Runnable {
  private static final int K = 10;

  @Spec private CommandSpec command;

  @Option(
      names = "--queries",
      paramLabel = "FILE",
      required = true,
      description = "Text whose lines are the queries.")
  private Path queries;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Write what was measured as JSON, too.")
  private Path file;

  @Mixin private IndexOptions indexOptions;
  @Mixin private ModelOptions modelOptions;
  @Mixin private OutputOptions output;

  @Override
  public void run() {
    Console console = output.console();
    if (file != null) {
      ReportFiles.check(command.commandLine(), List.of(file));
      OutputPath.requireApart(file, List.of(queries));
      indexOptions.requireApart(file);
    }
    try (ItemLines lines = ItemLines.openTexts(queries);
        IndexModel model = modelOptions.load(console);
        TextIndex index = indexOptions.open(model)) {
      List<float[]> vectors = new ArrayList<>();
      model
          .encoder()
          .embed(
              SearchCommand.texts(lines),
              text -> vectors.add(UnitVector.of(text.vector(), text.text())));
      lines.remarks().forEach(console::notice);
      try (Device device = Devices.open(Devices.Choice.CPU, modelOptions.threads()).device()) {
        Recall recall = Recall.measure(index, vectors, K, device, modelOptions.threads());
        ObjectNode json = recall.json(index.record());
        console.result("recall", json, recall.text(index.record()));
        if (file != null) {
          AtomicFiles.writeFile(file, JsonFiles.bytes(json));
        }
      }
    }
  }
}
