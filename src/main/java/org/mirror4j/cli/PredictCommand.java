package org.mirror4j.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code predict}: what the head of a model says of texts. */
@Command(
    name = "predict",
    synopsisSubcommandLabel = "TASK",
    description = "Predicts with the heads of a model: the tokens that are hidden in a text.",
    subcommands = FillMaskCommand.class)
final class PredictCommand implements Runnable {
  @Spec private CommandSpec command;

  @Option(names = "--help", usageHelp = true, description = "Show this help and leave.")
  private boolean help;

  /** Without a task. */
  @Override
  public void run() {
    throw new ParameterException(command.commandLine(), "a task is missing");
  }
}
