package org.mirror4j.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kernels}: the GPU kernels, with and without a card. */
@Command(
    name = "kernels",
    synopsisSubcommandLabel = "COMMAND",
    description =
        "Lists, checks, counts and measures the GPU kernels; only 'measure' needs a card.",
    subcommands = {
      KernelsListCommand.class,
      KernelsCheckCommand.class,
      KernelsProfileCommand.class,
      KernelsListingCommand.class,
      KernelsRunCommand.class,
      KernelsEpochCommand.class,
      KernelsMeasureCommand.class,
    })
final class KernelsCommand implements Runnable {
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
