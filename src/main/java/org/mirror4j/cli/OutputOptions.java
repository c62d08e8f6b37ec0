package org.mirror4j.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How a command speaks, be it of mirror4j or of a program beside it. */
public final class OutputOptions {
  static final String VERBOSE = "--verbose";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--json",
      description = "One JSON object a line on standard output and nothing else there.")
  private boolean json;

  /** Read by {@link Main} from the arguments, as commands fail before they are parsed, too. */
  @Option(names = VERBOSE, description = "Show the stack of a failure.")
  private boolean verbose;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and leave.")
  private boolean help;

  /** Where output goes. */
  public Console console() {
    return new Console(command.commandLine().getOut(), command.commandLine().getErr(), json);
  }
}
