package org.mirror4j.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code export}: models in the formats of others. */
@Command(
    name = "export",
    synopsisSubcommandLabel = "COMMAND",
    description = "Writes a model in a format that other libraries compute with.",
    subcommands = ExportOnnxCommand.class)
final class ExportCommand implements Runnable {
  @Spec private CommandSpec command;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and leave.")
  private boolean help;

  /** Without a command. */
  @Override
  public void run() {
    throw new ParameterException(command.commandLine(), "a command is missing");
  }
}
