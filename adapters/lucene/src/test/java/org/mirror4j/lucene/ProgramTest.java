package org.mirror4j.lucene;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.lucene.index.FloatVectorValues;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.search.Vectors;

/** The program as it is started: a process. */
@Timeout(600)
class ProgramTest {
  @TempDir Path folder;

  /**
   * What a process left.
   *
   * @param output lines of standard output
   * @param errors lines of standard error, without what Java says of incubating modules
   */
  private record Ended(int exit, List<String> output, List<String> errors) {
    /** The object of an event. */
    ObjectNode event(String name) {
      return output.stream()
          .map(line -> JsonFiles.parseObject(line.getBytes(), "output"))
          .filter(event -> event.get("event").asText().equals(name))
          .findFirst()
          .orElseThrow(() -> new AssertionError(this));
    }
  }

  private Ended java(String program, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            program));
    command.addAll(List.of(arguments));
    Path output = folder.resolve("output");
    Path errors = folder.resolve("errors");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(errors.toFile());
    builder.environment().keySet().removeIf(name -> name.contains("JAVA_OPTIONS"));
    Process process = builder.start();
    try {
      assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Ended(
        process.exitValue(),
        Files.readAllLines(output),
        Files.readAllLines(errors).stream()
            .filter(line -> !line.startsWith("WARNING: Using incubator"))
            .toList());
  }

  private Ended lucene(String... arguments) throws Exception {
    return java(Main.class.getName(), arguments);
  }

  private Path write(String name, List<String> lines) throws IOException {
    return Files.write(folder.resolve(name), lines);
  }

  /** One command makes an index, another asks it, a third measures it. */
  @Test
  void namesOfConcepts() throws Exception {
    List<String> words = Words.list(0, 60);
    List<String> dictionary =
        IntStream.range(0, 30)
            .mapToObj(i -> "D%d||%s|%s".formatted(i, words.get(2 * i), words.get(2 * i + 1)))
            .toList();
    String corpus = write("dictionary.txt", dictionary).toString();
    String index = folder.resolve("index").toString();
    String[] made = {
      "index", "--model", "bundled", "--corpus", corpus, "--output", index, "--threads", "1"
    };
    Ended ended = lucene(made);
    assertThat(ended.exit()).as(ended.toString()).isZero();
    assertThat(ended.output()).hasSize(1);
    assertThat(ended.output().getFirst()).startsWith("60 items indexed in " + index);
    assertThat(ended.errors()).contains("lines: names");

    Ended again = lucene(made);
    assertThat(again.exit()).isEqualTo(1);
    assertThat(again.errors())
        .containsExactly(
            "mirror4j: " + index + ": is an index already, expected --overwrite to replace it");

    Ended found =
        lucene(
            "search", "--index", index, "--model", "bundled", words.get(7), "--top", "2", "--json");
    assertThat(found.exit()).as(found.toString()).isZero();
    ObjectNode neighbours = found.event("neighbours");
    assertThat(neighbours.get("text").asText()).isEqualTo(words.get(7));
    assertThat(neighbours.get("neighbours")).hasSize(2);
    assertThat(neighbours.at("/neighbours/0/id").asText()).isEqualTo("D3");
    assertThat(neighbours.at("/neighbours/0/text").asText()).isEqualTo(words.get(7));
    assertThat(neighbours.at("/neighbours/0/score").asDouble()).isCloseTo(1, within(1e-5));

    Path queries = write("queries.txt", Words.list(100, 120));
    String[] measure = {
      "recall", "--index", index, "--model", "bundled", "--queries", queries.toString(), "--output"
    };
    String among = index + "/recall.json";
    assertThat(lucene(with(measure, among)).errors())
        .containsExactly(
            "mirror4j: %s: lies in the index %s, expected another place".formatted(among, index));
    assertThat(lucene(with(measure, queries.toString())).errors())
        .containsExactly(
            "mirror4j: %s: would replace the input %s, expected another place"
                .formatted(queries, queries));
    Path json = folder.resolve("recall.json");
    Ended recall = lucene(with(measure, json.toString()));
    assertThat(recall.exit()).as(recall.toString()).isZero();
    ObjectNode measured = JsonFiles.readObject(json);
    assertThat(measured.get("queries").asInt()).isEqualTo(20);
    // Of so few items Lucene compares all.
    assertThat(measured.at("/graph/0/recall").asDouble()).isEqualTo(1);
  }

  private static String[] with(String[] arguments, String last) {
    String[] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = last;
    return all;
  }

  /** Lines as they are, blank ones aside, have the vectors that embed writes for them. */
  @Test
  void vectorsAreThoseOfEmbed() throws Exception {
    List<String> lines = new ArrayList<>(Words.list(0, 40));
    lines.add("two words, and a\ttab");
    lines.add("river ".repeat(500));
    Path corpus = write("texts.txt", lines);
    Path npy = folder.resolve("vectors.npy");
    Ended embedded =
        java(
            "org.mirror4j.cli.Main",
            "embed",
            "--model",
            "bundled",
            "--input",
            corpus.toString(),
            "--output",
            npy.toString(),
            "--threads",
            "1");
    assertThat(embedded.exit()).as(embedded.toString()).isZero();
    Path path = folder.resolve("index");
    try (IndexModel model = IndexModel.bundled(Words.CPU)) {
      try (ItemLines items = ItemLines.open(corpus, ItemLines.Form.TEXT)) {
        assertThat(Words.write(path, model, items)).matches(written -> written.cutTexts() == 1);
      }
      try (TextIndex index = TextIndex.open(path, model);
          Vectors expected = Vectors.map(npy)) {
        FloatVectorValues values =
            index
                .reader()
                .leaves()
                .getFirst()
                .reader()
                .getFloatVectorValues(TextIndexWriter.VECTOR);
        assertThat(values.size()).isEqualTo(lines.size()).isEqualTo(expected.size());
        for (int row = 0; row < lines.size(); row++) {
          // Both compute the same batch in the same order: nothing differs by a bit.
          assertThat(values.vectorValue(row))
              .as(lines.get(row))
              .isEqualTo(UnitVector.of(expected.get(row), "row " + row));
        }
      }
    }
  }

  @Test
  void failuresAreOneLine() throws Exception {
    String absent = folder.resolve("absent.txt").toString();
    String index = folder.resolve("index").toString();
    Ended ended = lucene("index", "--model", "bundled", "--corpus", absent, "--output", index);
    assertThat(ended.exit()).isEqualTo(1);
    assertThat(ended.errors()).containsExactly("mirror4j: " + absent + " does not exist");

    String blank = write("blank.txt", List.of("", " ")).toString();
    ended = lucene("index", "--model", "bundled", "--corpus", blank, "--output", index);
    assertThat(ended.exit()).isEqualTo(1);
    assertThat(ended.errors())
        .containsExactly("mirror4j: " + blank + ": holds no line of text, expected at least one");
    assertThat(Path.of(index)).doesNotExist();

    ended = lucene("search", "--index", index, "--model", "bundled", "king");
    assertThat(ended.exit()).isEqualTo(1);
    assertThat(ended.errors())
        .last()
        .isEqualTo(
            "mirror4j: " + index + ": no such directory, expected the directory of an index");

    ended = lucene("--help");
    assertThat(ended.exit()).isZero();
    assertThat(String.join("\n", ended.output())).contains("index", "search", "recall");

    ended = lucene("search", "--index", index, "--model", "bundled");
    assertThat(ended.exit()).isEqualTo(2);
    assertThat(ended.errors())
        .containsExactly(
            "mirror4j: nothing is asked, expected texts or --queries FILE",
            "Try 'mirror4j-lucene search --help'.");
  }
}
