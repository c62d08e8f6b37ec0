package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.mirror4j.dataset.Catalogue;
import org.mirror4j.dataset.Catalogue.DataSet;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonRecords;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code data}: which data sets are there, and where the others are. */
@Command(
    name = "data",
    sortOptions = false,
    customSynopsis = {
      "mirror4j data [--data DIR] [--json]",
      "       mirror4j data import --from DIR... --to DIR [OPTION...]"
    },
    description = {
      "Lists the data sets that 'eval' and 'reproduce' read: which are in a folder, and of each"
          + " other one where it is published, its licence, and which file to put where. Nothing is"
          + " downloaded."
    },
    subcommands = DataImportCommand.class)
final class DataCommand implements Runnable {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Folder of the data sets. Default: none, so that none is there.")
  private Path data;

  @Mixin private OutputOptions output;

  @Override
  public void run() {
    if (data != null && !Files.isDirectory(data)) {
      throw new FileException(data + ": no such folder", new NoSuchFileException(data.toString()));
    }
    Console console = output.console();
    List<DataSet> sets = Catalogue.read().sets();
    sets.forEach(set -> tell(console, set, data == null ? set.files() : set.missing(data)));
    if (data != null) {
      long there = sets.stream().filter(set -> set.missing(data).isEmpty()).count();
      console.notice("%d of %d data sets are in %s".formatted(there, sets.size(), data));
    }
  }

  private static void tell(Console console, DataSet set, List<String> missing) {
    ObjectNode fields = JsonRecords.write(set);
    fields.put("there", missing.isEmpty());
    missing.forEach(fields.putArray("missing")::add);
    console.result(
        "set", fields, missing.isEmpty() ? head("there", set) : directions(set, missing));
  }

  private static String head(String state, DataSet set) {
    return "%-8s %s: %s%n".formatted(state, set.name(), set.title());
  }

  private static String directions(DataSet set, List<String> missing) {
    return head(missing.size() < set.files().size() ? "in part" : "missing", set)
        + "         published  %s%n".formatted(set.published())
        + "         licence    %s%n".formatted(set.licence())
        + "         take       %s%n".formatted(set.take())
        + "         files      %s%n".formatted(FileException.some(", ", missing));
  }
}
