package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.device.Device;
import org.mirror4j.device.Versions;
import org.mirror4j.encode.Bundled;
import org.mirror4j.experiment.ReproducedTable;
import org.mirror4j.experiment.Reproduction;
import org.mirror4j.experiment.Tables;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.CsvColumns;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.name.ModelHome;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reproduce}: tables of the papers, ours beside those published. */
@Command(
    name = "reproduce",
    sortOptions = false,
    customSynopsis = {
      "mirror4j reproduce TABLE... --data DIR [OPTION...]",
      "       mirror4j reproduce all --data DIR [OPTION...]",
      "       mirror4j reproduce --list"
    },
    description = {
      "Does tables of the papers again: pretrains, tunes, calibrates and fine-tunes models with"
          + " several seeds, measures them, and shows what comes out beside what was published,"
          + " with the difference.",
      "Each model's scores are kept. A table that was interrupted goes on where it was, and tables"
          + " share what they have in common."
    })
final class ReproduceCommand implements Runnable {
  private static final String ALL = "all";

  @Spec private CommandSpec command;

  @Parameters(paramLabel = "TABLE", arity = "0..*", description = "Names of tables, or all.")
  private List<String> names = List.of();

  @Option(names = "--list", description = "List all tables and leave.")
  private boolean list;

  @Option(names = "--data", paramLabel = "DIR", description = "Folder of the data sets.")
  private Path data;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "Runs of each pretraining, each tuning, each fine-tuning and each flow, with the seeds"
              + " 42, 43 ... Default: ${DEFAULT-VALUE}.")
  private int seeds;

  @Option(
      names = "--size",
      paramLabel = "SIZE",
      description =
          "Of models that a table pretrains, then from nothing: tiny, mini, small, medium, base or"
              + " large. Default: what the table says.")
  private ModelSize size;

  @Mixin private PrecisionOption precision;

  @Option(
      names = "--store",
      paramLabel = "DIR",
      description =
          "Where scores, and models while they are needed, are kept. Default: reproduced, in"
              + " MIRROR4J_HOME (see fetch).")
  private Path store;

  @Option(
      names = "--keep-models",
      description =
          "Keep the models that were made too, in the folder models of the store; each is as large"
              + " as what it was made from.")
  private boolean keepModels;

  @Option(
      names = "--known",
      description =
          "Measure nothing: show the models of which all is known, also on another device or in"
              + " another precision than asked, which is said. A page can hold tables with several"
              + " seeds and others with one so far.")
  private boolean known;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description =
          "Write the tables to FILE as well: as Markdown where that ends in .md, with pictures of"
              + " curves beside it, as comma-separated values where it ends in .csv, else as JSON."
              + " May be given more than once.")
  private List<Path> files = List.of();

  @Mixin private DeviceOptions deviceOptions;
  @Mixin private OutputOptions output;

  @Override
  public void run() {
    Console console = output.console();
    Tables all = Tables.read();
    if (list) {
      if (!names.isEmpty()) {
        throw new ParameterException(command.commandLine(), "--list takes no TABLE");
      }
      ObjectNode fields = JsonFiles.object();
      all.names().forEach(fields.putArray("names")::add);
      console.result("tables", fields, all.list());
      return;
    }
    if (names.isEmpty()) {
      throw new ParameterException(
          command.commandLine(), "no TABLE is given; reproduce --list shows all");
    }
    if (data == null) {
      throw new ParameterException(command.commandLine(), "--data is missing");
    }
    if (seeds < 1) {
      throw new ParameterException(
          command.commandLine(), "--seeds is " + seeds + ", expected at least 1");
    }
    ReportFiles.check(command.commandLine(), files);
    Tables asked;
    try {
      Tables named = all.of(names.stream().filter(name -> !name.equals(ALL)).toList());
      Tables chosen = names.contains(ALL) ? all : named;
      asked = size == null ? chosen : chosen.of(size);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
    reproduce(console, asked);
  }

  private void reproduce(Console console, Tables asked) {
    long start = System.nanoTime();
    try (Bundled bundled = Bundled.open();
        Device device = deviceOptions.open(console);
        ReproductionProgress progress = new ReproductionProgress(console)) {
      List<ReproducedTable> tables =
          new Reproduction(
                  device,
                  new Reproduction.Settings(
                      data, store(), seeds, precision.value(), keepModels, known),
                  name -> new ModelArgument(name).path(console, bundled),
                  FineTuneCommand.KINDS,
                  progress)
              .run(asked);
      progress.finished();
      double seconds = (System.nanoTime() - start) * 1e-9;
      List<String> leftOut = new ArrayList<>(asked.names());
      tables.forEach(table -> leftOut.remove(table.name()));
      ObjectNode fields = JsonFiles.object();
      ArrayNode results = fields.putArray("tables");
      tables.forEach(table -> results.add(table.json()));
      leftOut.forEach(fields.putArray("leftOut")::add);
      fields.put("seconds", seconds);
      console.result(
          "finished",
          fields,
          tables.stream().map(ReproducedTable::text).collect(Collectors.joining("\n"))
              + missing(leftOut)
              + "in %s, %s\n".formatted(Units.seconds(seconds), precision.value().label()));
      files.forEach(file -> write(file, device, tables, leftOut, seconds));
    }
  }

  private Path store() {
    if (store != null) {
      return store;
    }
    ModelHome home = ModelHome.ofThisUser();
    home.make();
    return home.path().resolve("reproduced");
  }

  private static String missing(List<String> leftOut) {
    return leftOut.isEmpty()
        ? ""
        : "\nleft out, as models or data are not there: %s\n".formatted(String.join(", ", leftOut));
  }

  private void write(
      Path file,
      Device device,
      List<ReproducedTable> tables,
      List<String> leftOut,
      double seconds) {
    if (CsvColumns.isName(file)) {
      ReproducedTable.writeCsv(file, tables);
      return;
    }
    if (!ReportFiles.isMarkdown(file)) {
      ObjectNode json = JsonFiles.object();
      Versions.of(device).forEach(json.putObject("versions")::put);
      json.put("device", device.name())
          .put("precision", precision.value().label())
          .put("seeds", seeds);
      if (size != null) {
        json.put("size", JsonRecords.label(size));
      }
      json.put("seconds", seconds);
      tables.forEach(table -> json.withArray("tables").add(table.json()));
      leftOut.forEach(json.putArray("leftOut")::add);
      AtomicFiles.writeFile(file, JsonFiles.bytes(json));
      return;
    }
    List<String> sections = new ArrayList<>();
    for (ReproducedTable table : tables) {
      String section = table.markdown();
      Optional<String> svg = table.svg();
      if (svg.isPresent()) {
        Path picture = file.resolveSibling(table.name() + ".svg");
        AtomicFiles.writeFile(picture, svg.get().getBytes(StandardCharsets.UTF_8));
        section += "\n![%s](%s)\n".formatted(table.name(), picture.getFileName());
      }
      sections.add(section);
    }
    String versions = Versions.of(device).toString();
    AtomicFiles.writeFile(
        file,
        "%s%s\nmirror4j reproduce --seeds %s%s, %s, %s; %s\n"
            .formatted(
                String.join("\n", sections),
                missing(leftOut),
                Integer.toString(seeds),
                size == null ? "" : " --size " + JsonRecords.label(size),
                precision.value().label(),
                Units.seconds(seconds),
                versions)
            .getBytes(StandardCharsets.UTF_8));
  }
}
