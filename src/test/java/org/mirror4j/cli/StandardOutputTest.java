package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.file.FileException;

/** Results that cannot be written are a failure with one line, whoever writes them. */
class StandardOutputTest {
  private static final String LINE =
      "mirror4j: standard output cannot be written: No space left on device";

  @TempDir Path folder;

  /** A device that is full after some bytes. */
  private static final class Full extends OutputStream {
    private int left;

    Full(int left) {
      this.left = left;
    }

    @Override
    public void write(int value) throws IOException {
      if (left-- <= 0) {
        throw new IOException("No space left on device");
      }
    }
  }

  private static CommandRun full(int bytes, Object... arguments) {
    StandardOutput standard = new StandardOutput(new Full(bytes));
    StringWriter err = new StringWriter();
    String[] strings = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
    int exit =
        Main.run(
            new PrintWriter(standard, true, StandardCharsets.UTF_8), new PrintWriter(err), strings);
    return new CommandRun(exit, "", err.toString());
  }

  static Stream<String> helps() {
    return Stream.concat(
        Stream.of("--help", "--version", "devices", "devices --json", "kernels list"),
        MainTest.commands().map(command -> command + " --help"));
  }

  @ParameterizedTest
  @MethodSource("helps")
  void fullForWhatIsPrinted(String command) {
    for (int bytes : new int[] {0, 5}) {
      CommandRun run = full(bytes, (Object[]) command.split(" "));
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.err().lines()).containsExactly(LINE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--json"})
  void fullForTheResultOfACommand(String json) {
    List<Object> init =
        new ArrayList<>(
            List.of(
                "init", "--config", "tiny", "--vocab-size", 300, "--output", folder.resolve("m")));
    if (!json.isEmpty()) {
      init.add(json);
    }
    CommandRun run = full(0, init.toArray());
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err().lines()).last().isEqualTo(LINE);
  }

  @Test
  void onlyTheFirstFailureIsThrownAndItIsRemembered() {
    StandardOutput standard = new StandardOutput(new Full(2));
    PrintStream stream = new PrintStream(standard, true, StandardCharsets.UTF_8);
    stream.print("ab");
    assertThat(standard.failed()).isFalse();
    assertThatThrownBy(() -> stream.println("c"))
        .isInstanceOf(FileException.class)
        .hasRootCauseMessage("No space left on device");
    stream.println("d");
    assertThat(standard.failed()).isTrue();
  }

  /** Without the module of vectors at the start, as the launcher does it. */
  private static Process program(ProcessBuilder builder, Object... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-exports=java.base/jdk.internal.module=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED",
                "-Duser.language=fa",
                "-Duser.country=IR",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    Arrays.stream(arguments).map(Object::toString).forEach(command::add);
    return builder.command(command).start();
  }

  /** The program as users start it: nothing but its own lines, the vectors those of the library. */
  @Test
  void aProcessSaysNothingOfItsVirtualMachine() throws IOException {
    Path model = CommandRun.model(folder.resolve("model"));
    Path text = Files.writeString(folder.resolve("text.txt"), "a b\nc\n");
    Path err = folder.resolve("err.txt");
    Path vectors = folder.resolve("process.npy");
    Process process =
        program(
            new ProcessBuilder().redirectError(err.toFile()),
            "embed",
            "--model",
            model,
            "--input",
            text,
            "--output",
            vectors);
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.onExit().join().exitValue()).as(Files.readString(err)).isZero();
    assertThat(out).startsWith("2 vectors of ").hasLineCount(1);
    assertThat(Files.readString(err)).startsWith("mirror4j ").doesNotContain("WARNING");

    Path own = folder.resolve("own.npy");
    CommandRun.embed(model, text, own);
    assertThat(vectors).hasSameBinaryContentAs(own);
  }

  @Test
  void aProcessEndsWithOneLineWhereNobodyReads() throws IOException {
    for (List<String> command : List.of(List.of("--version"), List.of("devices", "--json"))) {
      Path err = folder.resolve("err.txt");
      ProcessBuilder builder = new ProcessBuilder().redirectError(err.toFile());
      Process process =
          program(builder.redirectOutput(Path.of("/dev/full").toFile()), command.toArray());
      assertThat(process.onExit().join().exitValue()).isEqualTo(1);
      assertThat(Files.readAllLines(err)).containsExactly(LINE);
    }
  }
}
