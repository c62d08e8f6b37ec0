package org.mirror4j.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.text.TextException;

/** The fuzzer itself, on readers with planted faults. */
class FuzzHarnessTest {
  private static final int INPUTS = 300;

  private static FuzzTarget target(ReaderTarget.Reader reader) {
    return new ReaderTarget(
        "planted",
        () -> List.of(FuzzInput.of("a.txt", "one 1\ntwo 2\nthree 3\n")),
        file -> List.of(new TextMutator(), ByteMutator.PLAIN),
        reader,
        Set.of(TextException.class),
        false);
  }

  private static List<Ending> bad(ReaderTarget.Reader reader) {
    List<Ending> endings = new ArrayList<>();
    try (FuzzRunner runner = FuzzRunner.of(target(reader))) {
      runner.run(0, INPUTS, endings::add);
    }
    return endings.stream().filter(ending -> ending.kind() == Ending.Kind.BAD).toList();
  }

  @Test
  void inputsAreAFunctionOfTheirNumber() {
    for (FuzzTarget target : FuzzTargets.all()) {
      if (!target.isNative()) {
        FuzzGenerator first = new FuzzGenerator(target);
        FuzzGenerator second = new FuzzGenerator(target);
        for (int number = 30; number >= 0; number--) {
          FuzzInput input = first.input(number);
          FuzzInput again = second.input(number);
          assertThat(again.names()).isEqualTo(input.names());
          for (String name : input.names()) {
            assertThat(Arrays.equals(again.content(name), input.content(name)))
                .as("%s %d %s", target.name(), number, name)
                .isTrue();
          }
        }
      }
    }
  }

  /** Otherwise what is refused would say nothing of the reader. */
  @Test
  void theFirstSeedOfEachFormatIsAccepted() throws Exception {
    for (FuzzTarget target : FuzzTargets.all()) {
      if (!target.isNative()) {
        Path directory = Files.createTempDirectory("fuzz-seed-");
        try {
          target.read(target.seeds().getFirst(), directory);
        } finally {
          AtomicFiles.deleteTree(directory);
        }
      }
    }
  }

  @Test
  void aReaderWithoutFaultHasNoBadEnding() {
    List<Ending> bad =
        bad(
            (input, directory) -> {
              if (input.text().length() % 2 == 1) {
                throw new TextException("a.txt: an odd number of characters, expected an even one");
              }
            });
    assertThat(bad).isEmpty();
  }

  @Test
  void aForeignExceptionIsFound() {
    List<Ending> bad =
        bad(
            (input, directory) -> {
              for (String line : input.text().split("\n")) {
                Integer.parseInt(line.split(" ")[1]);
              }
            });
    assertThat(bad).isNotEmpty();
    assertThat(bad.getFirst().detail()).contains("FuzzHarnessTest.java");
  }

  @Test
  void recursionWithoutBoundIsFound() {
    assertThat(bad((input, directory) -> depth(input.text(), 0)))
        .anySatisfy(ending -> assertThat(ending.detail()).contains("StackOverflowError"));
  }

  private static int depth(String text, int at) {
    if (text.length() < 100 && at == text.length()) {
      return at;
    }
    return text.length() > 100 ? depth(text, at + 1) + 1 : depth(text, at + 1);
  }

  @Test
  void anEndlessLoopIsFoundAndTheOthersAreRead() {
    List<Ending> endings = new ArrayList<>();
    String planted = new FuzzGenerator(target((input, directory) -> {})).input(5).text();
    FuzzTarget target =
        target(
            (input, directory) -> {
              // Far longer than the patience, and over before it delays other tests.
              long end = System.nanoTime() + 6_000_000_000L;
              while (input.text().equals(planted) && System.nanoTime() < end) {
                Thread.onSpinWait();
              }
            });
    try (FuzzRunner runner = new InProcessRunner(target, 2_000_000_000L)) {
      runner.run(0, INPUTS, endings::add);
    }
    assertThat(endings).hasSize(INPUTS);
    assertThat(endings)
        .anySatisfy(
            ending -> assertThat(ending.detail()).startsWith("no end").contains("FuzzHarnessTest"));
  }

  @Test
  void memoryIsMeasured() {
    assertThat(
            bad(
                (input, directory) -> {
                  byte[] much = new byte[input.text().startsWith("one") ? 1 : 100 << 20];
                  much[0] = 1;
                }))
        .anySatisfy(ending -> assertThat(ending.detail()).contains("bytes allocated"));
  }

  @Test
  void messagesAreHeldToTheirRule() {
    String directory = "/tmp/x";
    assertThat(MessageRule.broken("/tmp/x/a.txt: no number, expected one", directory)).isEmpty();
    for (String[] one :
        new String[][] {
          {"a.txt: \u001b[31mred", "character U+001B"},
          {"a.txt: \u202eleft", "character U+202E"},
          {"a.txt: cannot be read: null", "ends in null"},
          {"a.txt: java.io.EOFException", "a Java name"},
          {"a.txt: no JsonParseException", "a Java name"},
          {"unexpected NullPointerException: null; run again", "unexpected"},
          {"/tmp/x/a.txt: cannot be read: /tmp/x/a.txt", "a path twice"},
          {"a".repeat(1000), "1000 characters"},
          {" ", "no message"}
        }) {
      assertThat(MessageRule.broken(one[0], directory).orElse("nothing"))
          .as(one[0])
          .contains(one[1]);
    }
  }

  @Test
  void aMessageWithoutEndIsFound() {
    assertThat(
            bad(
                (input, directory) -> {
                  throw new TextException("a.txt: " + "piece ".repeat(200));
                }))
        .hasSize(INPUTS)
        .allSatisfy(ending -> assertThat(ending.detail()).startsWith("a message of"));
  }

  @Test
  void anEndingGoesThroughAPipe() {
    Ending ending = new Ending(7, Ending.Kind.REFUSED, "a.txt: two words", 12, 34);
    assertThat(Ending.parse(ending.line())).isEqualTo(ending);
    Ending accepted = new Ending(8, Ending.Kind.ACCEPTED, "", 12, 34);
    assertThat(Ending.parse(accepted.line())).isEqualTo(accepted);
  }
}
