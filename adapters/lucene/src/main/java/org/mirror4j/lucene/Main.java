package org.mirror4j.lucene;

import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The program: an index made from a text and a model, and searched. Exit codes are those of {@code
 * mirror4j}: 0 done, 1 failed, 2 wrong usage, 130 or 143 ended by a signal.
 */
@Command(
    name = Main.NAME,
    sortOptions = false,
    synopsisSubcommandLabel = "COMMAND",
    description = "Texts indexed by their vectors with Lucene, and the nearest of them.",
    subcommands = {IndexCommand.class, SearchCommand.class, RecallCommand.class})
public final class Main implements Runnable {
  static final String NAME = "mirror4j-lucene";

  /** Loggers that nobody holds forget their level. */
  private static final Logger LUCENE = Logger.getLogger("org.apache.lucene");

  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and leave.")
  private boolean help;

  private Main() {}

  /**
   * Runs a command and ends the program.
   *
   * @param arguments the command and its options
   */
  public static void main(String[] arguments) {
    // It tells which instructions it uses; that it lacks them is a warning.
    LUCENE.setLevel(Level.WARNING);
    org.mirror4j.cli.Main.start(NAME, new Main(), arguments);
  }

  /** Without a command. */
  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "a command is missing, expected index, search or recall");
  }
}
