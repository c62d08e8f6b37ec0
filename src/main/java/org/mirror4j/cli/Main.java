package org.mirror4j.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.mirror4j.device.Precision;
import org.mirror4j.device.Versions;
import org.mirror4j.encode.VectorModule;
import org.mirror4j.file.FileException;
import org.mirror4j.file.ProcessEnd;
import org.mirror4j.tensor.DType;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.MaxValuesExceededException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The program: {@code mirror4j COMMAND}. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 or 143
 * ended by SIGINT or SIGTERM.
 */
@Command(
    name = "mirror4j",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = "Turns a masked language model into a word or sentence encoder (Mirror-BERT).",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "'mirror4j help COMMAND' lists the options of a command.",
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 or 143 interrupted."
    })
public final class Main implements Runnable {
  private static final int FAILED = 1;
  private static final int WRONG_USAGE = 2;
  private static final String HELP = "help";

  /** The commands, in the order of the help. */
  static final List<Class<?>> COMMANDS =
      List.of(
          DemoCommand.class,
          TrainCommand.class,
          FlowCommand.class,
          WhitenCommand.class,
          EmbedCommand.class,
          NeighboursCommand.class,
          ServeCommand.class,
          PredictCommand.class,
          EvalCommand.class,
          ScoreCommand.class,
          ReproduceCommand.class,
          DataCommand.class,
          PretrainCommand.class,
          FineTuneCommand.class,
          FetchCommand.class,
          ConvertCommand.class,
          ExportCommand.class,
          InitCommand.class,
          FrequentWordsCommand.class,
          PlotCommand.class,
          DevicesCommand.class,
          KernelsCommand.class);

  @Spec private CommandSpec spec;

  /** Prints the version of mirror4j and of Java. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"mirror4j " + Versions.mirror4j(), "Java " + Runtime.version()};
    }
  }

  /** Runs a program, told where to write, to its exit code. */
  private interface Program {
    int run(PrintWriter out, PrintWriter err);
  }

  /** Runs a command and ends the program. */
  public static void main(String[] args) {
    start(args, (out, err) -> run(out, err, args));
  }

  /**
   * Runs a command that is a program of its own, and ends it.
   *
   * @param name of that program, for messages
   */
  public static void start(String name, Runnable command, String... args) {
    start(args, (out, err) -> run(new CommandLine(command).setCommandName(name), out, err, args));
  }

  private static void start(String[] args, Program program) {
    // What is written is the same for every user, digits included.
    Locale.setDefault(Locale.ROOT);
    StandardOutput standard = new StandardOutput();
    System.setOut(new PrintStream(standard, true, StandardCharsets.UTF_8));
    PrintWriter out = new PrintWriter(standard, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    boolean verbose = List.of(args).contains(OutputOptions.VERBOSE);
    Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> fail(err, failure, verbose));
    int exit = program.run(out, err);
    System.exit(standard.failed() && exit == 0 ? FAILED : exit);
  }

  /**
   * Runs a command.
   *
   * @return the exit code
   */
  static int run(PrintWriter out, PrintWriter err, String... args) {
    String[] asked = known(help(args));
    return run(commandLine(List.of(asked)), out, err, asked);
  }

  private static int run(
      CommandLine commandLine, PrintWriter out, PrintWriter err, String... args) {
    boolean verbose = List.of(args).contains(OutputOptions.VERBOSE);
    PrintWriter printable = new PrintWriter(new PrintableWriter(err), true);
    try {
      registerLabels(commandLine);
      int exit =
          commandLine
              .setUsageHelpWidth(100)
              .setExpandAtFiles(false)
              .setExecutionStrategy(Main::execute)
              .setParameterExceptionHandler(Main::wrongUsage)
              .setExecutionExceptionHandler(
                  (exception, failed, parsed) -> fail(failed.getErr(), exception, verbose))
              .setOut(out)
              .setErr(printable)
              .execute(args);
      out.flush();
      return exit;
    } catch (RuntimeException | Error e) {
      return fail(printable, e, verbose);
    } finally {
      printable.flush();
    }
  }

  /**
   * {@code help COMMAND} is {@code COMMAND --help}, also of a command within a group and of a task
   * beside one; a name that is none is left to be refused like any other.
   */
  private static String[] help(String[] args) {
    if (args.length == 0 || !args[0].equals(HELP)) {
      return args;
    }
    List<String> asked = new ArrayList<>();
    List<Class<?>> commands = COMMANDS;
    for (int i = 1; i < args.length && !commands.isEmpty(); i++) {
      String name = args[i];
      Optional<Command> command =
          commands.stream()
              .map(type -> type.getAnnotation(Command.class))
              .filter(known -> known.name().equals(name))
              .findFirst();
      asked.add(name);
      if (command.isEmpty()) {
        if (asked.equals(List.of("predict", name)) && PredictCommand.isTask(name)) {
          break;
        }
        return asked.toArray(String[]::new);
      }
      commands = List.of(command.get().subcommands());
    }
    asked.add("--help");
    return asked.toArray(String[]::new);
  }

  /** There is no help of what is no command: without the flag its name is refused. */
  private static String[] known(String[] args) {
    boolean known =
        args.length == 0
            || args[0].startsWith("-")
            || args[0].equals(HELP)
            || COMMANDS.stream()
                .anyMatch(type -> type.getAnnotation(Command.class).name().equals(args[0]));
    return known ? args : new String[] {args[0]};
  }

  private static CommandLine commandLine(List<String> args) {
    CommandLine commandLine = new CommandLine(new Main());
    for (Class<?> type : COMMANDS) {
      Command command = type.getAnnotation(Command.class);
      commandLine.addSubcommand(
          command.name(), args.contains(command.name()) ? type : listed(command));
    }
    CommandSpec help = CommandSpec.create();
    help.usageMessage().description("Shows the options of a command: help COMMAND.");
    commandLine.addSubcommand(HELP, help);
    if (args.contains("train")) {
      footer(commandLine, "train", MirrorOptions.recipeTable());
      footer(commandLine, "train", ReleasedNames.table());
    }
    if (args.contains("pretrain")) {
      footer(commandLine, "pretrain", PretrainingOptions.recipeTable());
    }
    if (args.contains("finetune")) {
      footer(commandLine, "finetune", FineTuneCommand.table());
    }
    if (args.contains("predict")) {
      footer(commandLine, "predict", PredictCommand.table());
    }
    if (args.contains("score")) {
      footer(commandLine, "score", ScoreCommand.table());
    }
    if (args.contains("flow")) {
      footer(commandLine, "flow", FlowFlags.recipeTable());
    }
    return commandLine;
  }

  /** Lines at the end of a command's help, after those that are there. */
  private static void footer(CommandLine commandLine, String name, List<String> lines) {
    UsageMessageSpec help = commandLine.getSubcommands().get(name).getCommandSpec().usageMessage();
    help.footer(Stream.concat(Stream.of(help.footer()), lines.stream()).toArray(String[]::new));
  }

  /**
   * A command that is not called, for the list of commands: to read the options of all takes longer
   * than all else that printing a help does.
   */
  private static CommandSpec listed(Command command) {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage().description(command.description());
    return spec;
  }

  /** Lets options take constants by their labels. */
  static void registerLabels(CommandLine commandLine) {
    registerConstants(commandLine);
    commandLine.registerConverter(ModelArgument.class, ModelArgument::new);
    Labels<DType> stored = new Labels<>(List.of(DType.F32, DType.F16, DType.BF16));
    commandLine.registerConverter(DType.class, stored);
    // All but int8, which is for encoders alone: see EncoderOptions.
    commandLine.registerConverter(
        Precision.class,
        new Labels<>(List.of(Precision.F32, Precision.TF32, Precision.F16, Precision.BF16)));
  }

  private static void registerConstants(CommandLine commandLine) {
    for (ArgSpec option : commandLine.getCommandSpec().args()) {
      // Of a list these are the types of its elements.
      for (Class<?> type : option.auxiliaryTypes()) {
        if (type.isEnum()) {
          register(commandLine, type.asSubclass(Enum.class));
        }
      }
    }
    commandLine.getSubcommands().values().forEach(Main::registerConstants);
  }

  private static <E extends Enum<?>> void register(CommandLine commandLine, Class<E> type) {
    commandLine.registerConverter(type, new Labels<>(Arrays.asList(type.getEnumConstants())));
  }

  /** A help computes nothing, all else may. */
  private static int execute(ParseResult parsed) {
    try {
      Integer help = CommandLine.executeHelpRequest(parsed);
      if (help != null) {
        return help;
      }
      VectorModule.load("set MIRROR4J_JAVA_OPTIONS=--add-modules=" + VectorModule.NAME);
    } catch (FileException | IllegalStateException e) {
      throw new ExecutionException(parsed.commandSpec().commandLine(), e.getMessage(), e);
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  private static int wrongUsage(ParameterException exception, String[] arguments) {
    CommandLine command = exception.getCommandLine();
    PrintWriter err = command.getErr();
    String message =
        twice(command.getCommandSpec(), arguments)
            .filter(_ -> exception instanceof MaxValuesExceededException)
            .orElseGet(exception::getMessage);
    err.println("mirror4j: " + Failures.clear(message));
    UnmatchedArgumentException.printSuggestions(exception, err);
    err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    return WRONG_USAGE;
  }

  /** Of options that exclude others picocli says that one stands twice in words of its own. */
  private static Optional<String> twice(CommandSpec command, String[] arguments) {
    Set<String> seen = new HashSet<>();
    return Stream.of(arguments)
        .map(argument -> command.findOption(argument.split("=", 2)[0]))
        .filter(option -> option != null && option.group() != null)
        .filter(option -> !seen.add(option.longestName()))
        .findFirst()
        .map(
            option ->
                "option '%s'%s should be specified only once"
                    .formatted(
                        option.longestName(),
                        option.arity().max() == 0 ? "" : " (" + option.paramLabel() + ")"));
  }

  private static int fail(PrintWriter err, Throwable failure, boolean verbose) {
    if (ProcessEnd.begun()) {
      return FAILED; // a command at work misses the temporaries that a signal has removed
    }
    err.println("mirror4j: " + Failures.message(failure));
    if (verbose) {
      failure.printStackTrace(err);
    }
    return FAILED;
  }

  /** Without a command. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }
}
