package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.checkpoint.CheckpointException;

class MainTest {
  @TempDir Path folder;

  @Test
  void saysItsVersion() {
    CommandRun run = CommandRun.of("--version");
    assertThat(run.exit()).isZero();
    assertThat(run.out()).startsWith("mirror4j ").contains("Java " + Runtime.version());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo",
        "train",
        "embed",
        "eval",
        "pretrain",
        "convert",
        "init",
        "frequent-words",
        "devices"
      })
  void everyCommandHasHelp(String command) {
    assertThat(CommandRun.of("--help").out()).containsPattern("(?m)^  " + command + " ");
    CommandRun run = CommandRun.of(command, "--help");
    assertThat(run.exit()).isZero();
    assertThat(run.out()).startsWith("Usage: mirror4j " + command).contains("--json", "--verbose");
    assertThat(run.err()).isEmpty();
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
        .isEqualTo("mirror4j: " + nowhere + ": no such directory, expected a model directory");
    assertThat(run.err()).doesNotContain("\tat ");

    Object[] verbose = java.util.Arrays.copyOf(arguments, arguments.length + 1);
    verbose[arguments.length] = "--verbose";
    assertThat(CommandRun.of(verbose).err()).contains("\tat org.mirror4j.");
  }

  @Test
  void failuresOfFilesSayWhatAndWhich() {
    NoSuchFileException absent = new NoSuchFileException("a.txt");
    assertThat(Failures.message(new UncheckedIOException(absent)))
        .isEqualTo("no such file or directory: a.txt");
    assertThat(Failures.message(new UncheckedIOException("cannot read a.txt", absent)))
        .isEqualTo("cannot read a.txt: no such file or directory: a.txt");
    assertThat(Failures.message(new UncheckedIOException("task x: no such file: a.txt", absent)))
        .isEqualTo("task x: no such file: a.txt");
    assertThat(
            Failures.message(
                new UncheckedIOException("cannot read b: disk", new java.io.IOException("disk"))))
        .isEqualTo("cannot read b: disk");
  }

  @Test
  void otherFailuresAreOneLine() {
    assertThat(Failures.message(new CheckpointException("a\n  b"))).isEqualTo("a b");
    assertThat(Failures.message(new OutOfMemoryError("Java heap space")))
        .contains("heap", "MIRROR4J_JAVA_OPTIONS");
    assertThat(Failures.message(new NullPointerException("x is null")))
        .isEqualTo("unexpected NullPointerException: x is null; run again with --verbose");
    assertThat(Failures.message(new IllegalArgumentException()))
        .startsWith("unexpected IllegalArgumentException");
  }
}
