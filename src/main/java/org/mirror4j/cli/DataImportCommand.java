package org.mirror4j.cli;

import java.nio.file.Path;
import java.util.List;
import org.mirror4j.dataset.DataImport;
import org.mirror4j.dataset.DataImport.Imported;
import org.mirror4j.file.JsonFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code data import}: data sets as people have them, made into the layout. */
@Command(
    name = "import",
    sortOptions = false,
    customSynopsis = "mirror4j data import --from DIR... --to DIR [OPTION...]",
    description = {
      "Makes the files that 'eval' reads of those that people have: SentEval's STS folders or the"
          + " organisers', STS-B's and SICK's own files, the evaluation data of Mirror-BERT's"
          + " authors, Multi-SimLex's translation.csv and scores.csv, stsb-multi-mt, XLING's"
          + " dictionaries. They are found anywhere below a folder, by their names.",
      "All is read before anything is written: a line that does not fit is refused by file and"
          + " line, and then nothing has changed."
    })
final class DataImportCommand implements Runnable {
  @Option(
      names = "--from",
      paramLabel = "DIR",
      arity = "1..*",
      required = true,
      description = "Folders with data sets as they are published; nothing in them is changed.")
  private List<Path> from;

  @Option(
      names = "--to",
      paramLabel = "DIR",
      required = true,
      description = "Folder of the data sets, as --data of 'eval'; made where it is not there.")
  private Path to;

  @Option(names = "--overwrite", description = "Replace files that are there and differ.")
  private boolean overwrite;

  @Mixin private OutputOptions output;

  @Override
  public void run() {
    Console console = output.console();
    for (Imported file : DataImport.read(from, console::notice).write(to, overwrite)) {
      console.result(
          "imported",
          JsonFiles.object()
              .put("file", file.path())
              .put("source", file.source().toString())
              .put("items", file.items())
              .put("written", file.written()),
          "%s: %,d lines of data, %s"
              .formatted(
                  file.path(),
                  file.items(),
                  file.written() ? "made of " + file.source() : "was there"));
    }
  }
}
