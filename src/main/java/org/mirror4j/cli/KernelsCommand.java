package org.mirror4j.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kernels}: research on GPU kernels, no card needed. */
@Command(
    name = "kernels",
    customSynopsis = "mirror4j kernels COMMAND [OPTION...]",
    synopsisSubcommandLabel = "COMMAND",
    description =
        "Lists, checks, counts and bounds the GPU kernels, on an interpreter: no card is needed.",
    subcommands = {
      KernelsListCommand.class,
      KernelsCheckCommand.class,
      KernelsProfileCommand.class,
      KernelsListingCommand.class,
    })
final class KernelsCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Option(names = "--help", usageHelp = true, description = "Show this help and leave.")
  private boolean help;

  /** Without a command. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command of kernels is missing");
  }
}
