package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.file.FileException;
import picocli.CommandLine.Command;

class MainTest {
  private static final String UNEXPECTED =
      "unexpected fault of mirror4j itself; run again with --verbose to see where";

  @TempDir Path folder;

  @Test
  void saysItsVersion() {
    CommandRun run = CommandRun.of("--version");
    assertThat(run.exit()).isZero();
    assertThat(run.out()).startsWith("mirror4j ").contains("Java " + Runtime.version());
  }

  /** Names of the commands, those of groups with the group's, read from the declarations. */
  static Stream<String> commands() {
    return Main.COMMANDS.stream().flatMap(type -> commands(type, ""));
  }

  private static Stream<String> commands(Class<?> type, String before) {
    Command command = type.getAnnotation(Command.class);
    return command.subcommands().length == 0
        ? Stream.of(before + command.name())
        : Stream.of(command.subcommands())
            .flatMap(sub -> commands(sub, before + command.name() + " "));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandHasHelp(String command) {
    CommandRun run = CommandRun.of((Object[]) (command + " --help").split(" "));
    assertThat(run.exit()).isZero();
    assertThat(run.out()).startsWith("Usage: mirror4j " + command).contains("--json", "--verbose");
    assertThat(run.err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernels", "export", "train", "kernels list"})
  void helpHasAShortName(String command) {
    CommandRun run = CommandRun.of((Object[]) (command + " -h").split(" "));
    assertThat(run.exit()).isZero();
    assertThat(run.out()).startsWith("Usage: mirror4j " + command);
  }

  @Test
  void thereIsNoHelpOfWhatIsNoCommand() {
    CommandRun run = CommandRun.of("trian", "--help");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).startsWith("mirror4j: Unmatched argument at index 0: 'trian'");
  }

  /** The list of commands shows the first line of each description alone. */
  @Test
  void descriptionsBeginWithASentence() {
    assertThat(Main.COMMANDS)
        .allSatisfy(
            type ->
                assertThat(type.getAnnotation(Command.class).description()[0])
                    .matches("[A-Z].*\\."));
  }

  /** The help has 100 columns: a longer row would go on in the next line. */
  @Test
  void tablesOfRecipesFitTheHelp() {
    assertThat(
            Stream.of(
                    MirrorOptions.recipeTable(),
                    PretrainingOptions.recipeTable(),
                    FineTuneCommand.table(),
                    FlowFlags.recipeTable())
                .flatMap(List::stream))
        .allSatisfy(line -> assertThat(line.length()).isLessThan(100));
  }

  @Test
  void recipesAreShownByTheNamesOfOptions() {
    assertThat(CommandRun.of("finetune", "--help").out())
        .containsPattern("(?m)^  --epochs +3 +5 +4 +10 +2 +20$")
        .containsPattern("(?m)^  --max-steps ")
        .containsPattern("(?m)^  --feature-size +20$");
    assertThat(CommandRun.of("pretrain", "--help").out())
        .containsPattern("(?m)^  --max-steps .* 2400000 ")
        .containsPattern("(?m)^  --batch-tokens ");
  }

  @Test
  void helpListsTheCommandsAndWarnsOfNothing() {
    PrintStream standard = System.err;
    ByteArrayOutputStream warnings = new ByteArrayOutputStream();
    // A description with a bare % is warned of there, not on the stream of the run.
    System.setErr(new PrintStream(warnings, true, StandardCharsets.UTF_8));
    try {
      String help = CommandRun.of("--help").out();
      assertThat(commands())
          .isNotEmpty()
          .allSatisfy(
              command -> {
                String[] names = command.split(" ");
                String listing = names.length == 1 ? help : CommandRun.of(names[0], "--help").out();
                assertThat(listing).containsPattern("(?m)^  " + names[names.length - 1] + " ");
                Object[] arguments = (command + " --help").split(" ");
                assertThat(CommandRun.of(arguments).exit()).isZero();
              });
    } finally {
      System.setErr(standard);
    }
    assertThat(warnings.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void helpOfACommandIsACommandToo() {
    for (String command : List.of("embed", "kernels", "kernels profile")) {
      CommandRun run = CommandRun.done((Object[]) ("help " + command).split(" "));
      assertThat(run.out()).startsWith("Usage: mirror4j " + command);
      assertThat(run.out())
          .isEqualTo(CommandRun.of((Object[]) (command + " --help").split(" ")).out());
    }
    assertThat(CommandRun.done("help").out())
        .isEqualTo(CommandRun.done("--help").out())
        .containsPattern("(?m)^  help ");
    for (String wrong : List.of("help embd", "help kernels chek", "help --embed")) {
      CommandRun run = CommandRun.of((Object[]) wrong.split(" "));
      assertThat(run.exit()).as(wrong).isEqualTo(2);
      assertThat(run.out()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "embd, embed",
    "evla, eval",
    "kernels chek, check",
    "train --recipe sentnce --corpus a --output b, sentence",
    "devices --jsom, --json",
    "init --config smal --output b, small",
    "embed --device cdua --model m --input i --output o.npy, cuda",
    "embed --pooling meen --model m --input i --output o.npy, mean"
  })
  void whatMayHaveBeenMeantIsSaid(String line, String meant) {
    CommandRun run = CommandRun.of((Object[]) line.split(" "));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).containsPattern("(?i)(did you mean|possible solutions).*" + meant);
  }

  @Test
  void aMissingCommandIsWrongUsage() {
    CommandRun run = CommandRun.of();
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err().lines())
        .containsExactly("mirror4j: a command is missing", "Try 'mirror4j --help'.");
  }

  @Test
  void anUnknownOptionIsWrongUsage() {
    CommandRun run = CommandRun.of("devices", "--jsn");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .startsWith("mirror4j: Unknown option: '--jsn'")
        .contains("--json")
        .endsWith("Try 'mirror4j devices --help'." + System.lineSeparator());
  }

  @Test
  void aFailureIsOneLineAndWithVerboseItsStackToo() {
    Path nowhere = folder.resolve("nowhere");
    Object[] arguments = {
      "train", "--model", nowhere, "--corpus", nowhere, "--output", folder.resolve("out")
    };
    CommandRun run = CommandRun.of(arguments);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines().toList().getLast())
        .startsWith(
            "mirror4j: " + nowhere + ": no such file or directory, expected a model directory");
    assertThat(run.err()).doesNotContain("\tat ");

    Object[] verbose = java.util.Arrays.copyOf(arguments, arguments.length + 1);
    verbose[arguments.length] = "--verbose";
    assertThat(CommandRun.of(verbose).err()).contains("\tat org.mirror4j.");
  }

  /** Also of those that exclude each other, of which the parser has words of its own. */
  @ParameterizedTest
  @CsvSource({
    "pretrain --corpus x --output y --from a --from b, --from' (MODEL)",
    "pretrain --corpus x --output y --vocab-size 9 --cased --vocab-size=8, --vocab-size' (N)",
    "pretrain --corpus x --output y --cased --cased, --cased'",
    "train --corpus x --output y --resume --resume, --resume'",
    "train --corpus x --output y --pooling cls --pooling=mean, --pooling' (KIND)",
    "train --corpus x --output y --seed 1 --seed 2, --seed' (N)"
  })
  void anOptionThatStandsTwiceIsNamed(String arguments, String option) {
    CommandRun run = CommandRun.of((Object[]) arguments.split(" "));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("mirror4j: option '" + option + " should be specified only once\n");
  }

  @Test
  void whatNoIntCountsIsTold() {
    assertThatThrownBy(() -> Math.multiplyExact(1 << 20, 1 << 20))
        .satisfies(
            overflow ->
                assertThat(Failures.message(overflow))
                    .isEqualTo(
                        "what was asked for has more than 2147483647 values in one place: ask for"
                            + " less"));
  }

  @Test
  void failuresOfFilesAreTold() {
    NoSuchFileException absent = new NoSuchFileException("a.txt");
    for (Exception bare : List.of(absent, new UncheckedIOException(absent))) {
      assertThat(Failures.message(bare)).isEqualTo("no such file or directory: a.txt");
    }
    assertThat(Failures.message(FileException.of("cannot list b", absent)))
        .isEqualTo("cannot list b: no such file or directory: a.txt");
    assertThat(Failures.message(new FileException("task x: no data files", absent)))
        .isEqualTo("task x: no data files");
  }

  @Test
  void otherFailuresAreOneLine() {
    assertThat(Failures.message(new FileException("a\n  b"))).isEqualTo("a b");
    assertThat(Failures.message(new OutOfMemoryError("Java heap space")))
        .contains("heap", "MIRROR4J_JAVA_OPTIONS");
    assertThat(Failures.message(new NullPointerException("x is null"))).isEqualTo(UNEXPECTED);
    assertThat(Failures.message(new IllegalArgumentException())).isEqualTo(UNEXPECTED);
    assertThat(Failures.message(new IllegalStateException("null"))).isEqualTo(UNEXPECTED);
    assertThat(Failures.message(new NumberFormatException("For input string: x")))
        .isEqualTo(UNEXPECTED);
    assertThat(Failures.message(new UnsatisfiedLinkError("/x.so: cannot open")))
        .isEqualTo("native code cannot be loaded: /x.so: cannot open");
    assertThat(Failures.message(new ExecutionException(new FileException("a")))).isEqualTo("a");
    assertThat(Failures.message(new NoClassDefFoundError("some/library/Name$OneException")))
        .isEqualTo("this installation lacks the library with the package some.library");
    assertThat(Failures.message(new NoClassDefFoundError("Could not initialize class a.B")))
        .isEqualTo(UNEXPECTED);
    assertThat(Failures.message(new StackOverflowError()))
        .isEqualTo("the stack is full: something is nested too deeply");
    assertThat(Failures.message(new OutOfMemoryError("unable to create native thread")))
        .startsWith("the system starts no further thread");
    assertThat(Failures.message(new OutOfMemoryError("Cannot reserve 9 bytes of direct buffer")))
        .contains("beside the Java heap", "-XX:MaxDirectMemorySize");
  }

  @Test
  void argumentsThatAreNoPath() {
    CommandRun model =
        CommandRun.of("embed", "--model", "a\0b", "--input", "x", "--output", "x.npy");
    assertThat(model.exit()).isEqualTo(2);
    assertThat(model.err().lines().toList().getFirst())
        .isEqualTo(
            "mirror4j: Invalid value for option '--model': 'a\\u0000b' is no path: Nul character"
                + " not allowed");
    CommandRun run = CommandRun.of("embed", "--model", "x", "--input", "a\0b", "--output", "x.npy");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err().lines().toList().getFirst())
        .isEqualTo(
            "mirror4j: Invalid value for option '--input': cannot convert 'a\\u0000b' to Path"
                + " (Nul character not allowed: a\\u0000b)");
    assertThat(Failures.message(new InvalidPathException("a\0", "Nul character not allowed")))
        .isEqualTo("'a\\u0000' is no path: Nul character not allowed");
  }

  @Test
  void theShortHelpIsThatOfEveryCommand() {
    assertThat(CommandRun.of("embed", "-h").out())
        .isEqualTo(CommandRun.of("embed", "--help").out());
  }
}
