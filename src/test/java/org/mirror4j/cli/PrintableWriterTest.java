package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.file.JsonFiles;

/** Nothing that a terminal obeys comes from a file, a name of a file or an argument. */
class PrintableWriterTest {
  /**
   * Colour, bell, delete, a C1 introducer, turned order, a tag, line ends of Unicode and others.
   */
  private static final String HOSTILE =
      "a\u001b[31m\u0007\u007f\u009b2J\u202e\u2066\u061c\udb40\udc41\u2028\u2029\u0085\r"
          + "\u000b\ufeff\ud800z";

  private static final String PRINTABLE = "[ -~\n\t]*";

  @TempDir Path folder;

  @Test
  void whatATerminalObeysIsEscaped() {
    assertThat(PrintableWriter.printable(HOSTILE))
        .isEqualTo(
            "a\\u001b[31m\\u0007\\u007f\\u009b2J\\u202e\\u2066\\u061c\\udb40\\udc41\\u2028\\u2029"
                + "\\u0085\\u000d\\u000b\\ufeff\\ud800z");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a\n\tb", "M\u00f6del \u68ee \ud83d\ude00", "\u0645\u06cc\u200c\u062e"})
  void textStays(String text) {
    assertThat(PrintableWriter.printable(text)).isEqualTo(text);
  }

  @Test
  void everyWayOfWriting() {
    StringWriter out = new StringWriter();
    PrintWriter writer = new PrintWriter(new PrintableWriter(out));
    writer.write('\u001b');
    writer.write("x\u001by", 1, 2);
    writer.write(new char[] {'x', '\u001b', 'z'}, 1, 2);
    writer.printf("%s", "\u001b");
    writer.flush();
    assertThat(out).hasToString("\\u001b\\u001by\\u001bz\\u001b");
  }

  @Test
  void namesAndArgumentsAreShownOnOneLine() throws IOException {
    String name = "x\u001b[31m\u202e\nmirror4j: all is well";
    Path file = Files.writeString(folder.resolve(name), "a\nb\n");
    for (CommandRun run :
        new CommandRun[] {
          CommandRun.of("embed", "--model", file, "--input", file, "--output", name + ".npy"),
          CommandRun.of("embed", "--model", name, "--input", file, "--output", "x" + name),
          CommandRun.of(name),
          CommandRun.of("devices", "--" + name),
          CommandRun.of("init", "--config", name, "--output", name),
          CommandRun.of(
              "embed", "--model", file, "--verbose", "--input", file, "--output", "x.npy"),
        }) {
      assertThat(run.exit()).isNotZero();
      assertThat(run.out() + run.err()).matches(PRINTABLE);
      assertThat(run.err().lines()).noneMatch(line -> line.equals("mirror4j: all is well"));
    }
  }

  /** A word in a result for people is shown; the same in JSON is the same word. */
  @Test
  void resultsForPeopleAndForPrograms() throws IOException {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Console people = new Console(new PrintWriter(out), new PrintWriter(err), false);
    people.result("word", JsonFiles.object(), "a\tb\n" + HOSTILE);
    people.warning("two\nlines");
    people.settings(JsonFiles.object().put("input", "two\nlines" + HOSTILE));
    assertThat(out.toString()).matches(PRINTABLE).startsWith("a\tb\na\\u001b");
    assertThat(err.toString().lines()).hasSize(3).allMatch(line -> line.matches(PRINTABLE));

    out.getBuffer().setLength(0);
    Console programs = new Console(new PrintWriter(out), new PrintWriter(err), true);
    programs.result("word", JsonFiles.object().put("word", HOSTILE), "");
    assertThat(out.toString()).matches(PRINTABLE);
    assertThat(out.toString().lines()).hasSize(1);
    assertThat(new ObjectMapper().readTree(out.toString()).path("word").textValue())
        .isEqualTo(HOSTILE);
  }
}
