package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code neighbours} with a random model: texts that are the same have a cosine of 1. */
class NeighboursCommandTest {
  /** The third and the last are lines before them again. */
  private static final List<String> LINES =
      List.of("a cup of tea", "the old war", "a cup of tea", "", "b b b b b", "the old war");

  @TempDir static Path shared;
  @TempDir Path folder;
  private static Path model;
  private Path texts;

  @BeforeAll
  static void makeModel() {
    model = CommandRun.model(shared.resolve("model"));
  }

  @BeforeEach
  void makeTexts() throws IOException {
    texts = folder.resolve("texts.txt");
    Files.write(texts, LINES);
  }

  private CommandRun run(Object... more) {
    List<Object> arguments =
        new ArrayList<>(List.of("neighbours", "--model", model, "--texts", texts));
    arguments.addAll(Arrays.asList(more));
    return CommandRun.of(arguments.toArray());
  }

  private CommandRun done(Object... more) {
    CommandRun run = run(more);
    assertThat(run.exit()).as(run.err()).isZero();
    return run;
  }

  /** Equal ones in the order of the lines. */
  @Test
  void nearestLines() throws IOException {
    CommandRun run = done("the old war", "a cup of tea", "--top", 2);
    assertThat(run.out())
        .isEqualTo(
            """
            the old war
               1.0000         2  the old war
               1.0000         6  the old war
            a cup of tea
               1.0000         1  a cup of tea
               1.0000         3  a cup of tea
            """);
    Path queries = folder.resolve("queries.txt");
    Files.write(queries, List.of("the old war", "a cup of tea"));
    assertThat(done("--queries", queries, "--top", 2).out()).isEqualTo(run.out());
    List<JsonNode> objects = done("b", "--top", 100, "--json").events("neighbours");
    assertThat(objects).hasSize(1);
    JsonNode nearest = objects.getFirst().path("neighbours");
    assertThat(nearest).hasSize(LINES.size());
    for (int i = 1; i < nearest.size(); i++) {
      assertThat(nearest.get(i).path("score").doubleValue())
          .isLessThanOrEqualTo(nearest.get(i - 1).path("score").doubleValue());
      int line = nearest.get(i).path("line").intValue();
      assertThat(nearest.get(i).path("text").asText()).isEqualTo(LINES.get(line - 1));
    }
  }

  @Test
  void aTableOfCommaSeparatedValues() throws IOException {
    Path csv = folder.resolve("found.csv");
    done("the old war", "a, b", "--top", 2, "--output", csv);
    List<String> lines = Files.readAllLines(csv);
    assertThat(lines).hasSize(5);
    assertThat(lines.getFirst()).isEqualTo("query,rank,score,line,text");
    assertThat(lines.get(1)).matches("the old war,1,(0\\.999\\d*|1\\.0\\d*),2,the old war");
    assertThat(lines.get(2)).startsWith("the old war,2,");
    assertThat(lines.get(3)).startsWith("\"a, b\",1,");
    done("--pairs", "--threshold", 0.999999, "--output", csv);
    lines = Files.readAllLines(csv);
    assertThat(lines.getFirst()).isEqualTo("score,firstLine,firstText,secondLine,secondText");
    assertThat(lines.subList(1, lines.size()))
        .hasSize(2)
        .anySatisfy(line -> assertThat(line).endsWith(",2,the old war,6,the old war"));
    done("--deduplicate", "--threshold", 0.999999, "--output", csv);
    assertThat(Files.readAllLines(csv))
        .containsExactly(
            "line,text,originalLine,originalText",
            "3,a cup of tea,1,a cup of tea",
            "6,the old war,2,the old war");
    CommandRun other = run("a", "--output", folder.resolve("found.json"));
    assertThat(other.exit()).isEqualTo(2);
    assertThat(other.err()).contains("found.json, expected a name that ends in .csv");
    Files.move(texts, csv, StandardCopyOption.REPLACE_EXISTING);
    CommandRun itself =
        CommandRun.of("neighbours", "--model", model, "--texts", csv, "a", "--output", csv);
    assertThat(itself.exit()).isEqualTo(1);
    assertThat(itself.err()).contains("would replace the input");
  }

  @Test
  void vectorsThatWereComputedBefore() throws IOException {
    Path npy = folder.resolve("vectors.npy");
    CommandRun.embed(model, texts, npy);
    assertThat(done("a cup", "--vectors", npy).out()).isEqualTo(done("a cup").out());
    CommandRun pairs =
        CommandRun.done(
            "neighbours", "--texts", texts, "--pairs", "--threshold", -1, "--vectors", npy);
    assertThat(pairs.out()).isEqualTo(done("--pairs", "--threshold", -1).out());
    assertThat(pairs.err()).contains("15 pairs of 6 lines have a cosine of at least -1.0");
    Files.write(texts, List.of("one more", "than there are"));
    CommandRun run = CommandRun.of("neighbours", "--texts", texts, "--pairs", "--vectors", npy);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err())
        .endsWith("mirror4j: " + npy + ": 6 vectors, expected 2, one for each text\n");
    CommandRun.embed(model, texts, npy, "--truncate-dimension", 20);
    CommandRun narrow = run("a cup", "--vectors", npy);
    assertThat(narrow.exit()).isEqualTo(1);
    assertThat(narrow.err())
        .endsWith(
            "mirror4j: %s: vectors of 20 values, expected 128 as %s makes them\n"
                .formatted(npy, model));
  }

  @Test
  void pairsOfLinesThatAreAlike() {
    CommandRun run = done("--pairs", "--threshold", 0.999999);
    assertThat(run.out())
        .isEqualTo(
            """
               1.0000         1  a cup of tea
                              3  a cup of tea
               1.0000         2  the old war
                              6  the old war
            """);
    CommandRun one = done("--pairs", "--threshold", 0.999999, "--most", 1, "--json");
    assertThat(one.events("pair")).hasSize(1);
    JsonNode pair = one.event("pair");
    assertThat(pair.path("first").path("line").intValue()).isEqualTo(1);
    assertThat(pair.path("second").path("line").intValue()).isEqualTo(3);
    assertThat(one.event("finished").path("pairs").intValue()).isEqualTo(2);
    assertThat(one.event("finished").path("shown").intValue()).isEqualTo(1);
    assertThat(done("--pairs", "--threshold", 0.999999, "--most", 1).err())
        .contains("; the 1 most alike are shown, --most N shows more");
  }

  /** Standard output has the text alone, and nothing is changed in it. */
  @Test
  void aTextWithoutItsDuplicates() throws IOException {
    CommandRun run = done("--deduplicate", "--threshold", 0.999999);
    assertThat(run.out()).isEqualTo("a cup of tea\nthe old war\n\nb b b b b\n");
    assertThat(run.err())
        .contains(
            "4 of 6 lines kept: the others have a cosine of at least 0.999999 with one before");
    InputStream before = System.in;
    try {
      System.setIn(new ByteArrayInputStream("x\ny\nx\n".getBytes(StandardCharsets.UTF_8)));
      CommandRun piped =
          CommandRun.done(
              "neighbours", "--model", model, "--texts", "-", "--deduplicate", "--threshold", 1);
      assertThat(piped.out()).isEqualTo("x\ny\n");
    } finally {
      System.setIn(before);
    }
    CommandRun programs = done("--deduplicate", "--threshold", 0.999999, "--json");
    List<JsonNode> duplicates = programs.events("duplicate");
    assertThat(duplicates).hasSize(2);
    assertThat(duplicates.getLast().path("line").intValue()).isEqualTo(6);
    assertThat(duplicates.getLast().path("original").path("line").intValue()).isEqualTo(2);
    assertThat(programs.event("finished").path("kept").intValue()).isEqualTo(4);
  }

  @Test
  void optionsThatDoNotGoTogether() {
    requireWrong("nothing is asked, expected texts, --queries FILE, --pairs or --deduplicate");
    requireWrong("several things are asked", "a text", "--pairs");
    requireWrong("several things are asked", "--deduplicate", "--pairs");
    requireWrong("--top is 0, expected at least 1", "a text", "--top", 0);
    requireWrong("--most is -1, expected at least 1", "--pairs", "--most", -1);
    requireWrong("--threshold is 1.5, expected -1 to 1", "--pairs", "--threshold", 1.5);
    requireWrong("--threshold is NaN, expected -1 to 1", "--pairs", "--threshold", "NaN");
    requireWrong("--threshold is given without --pairs", "a text", "--threshold", 0.5);
    requireWrong("--top is given without texts or --queries", "--pairs", "--top", 3);
    requireWrong("--most is given without --pairs", "--deduplicate", "--most", 3);
    for (List<Object> option :
        List.<List<Object>>of(List.of("--pooling", "cls"), List.of("--batch-size", 7))) {
      CommandRun run =
          CommandRun.of(
              "neighbours",
              "--texts",
              texts,
              "--pairs",
              "--vectors",
              "v.npy",
              option.getFirst(),
              option.getLast());
      assertThat(run.exit()).isEqualTo(2);
      assertThat(run.err())
          .contains(option.getFirst() + " is given with --vectors, which are there already");
    }
    CommandRun both =
        CommandRun.of("neighbours", "--model", model, "--texts", "-", "--queries", "-");
    assertThat(both.exit()).isEqualTo(2);
    assertThat(both.err()).contains("--texts and --queries are both -, expected one of them");
  }

  /** What is printed is what was read, or nothing. */
  @Test
  void aLineThatWouldBeCutIsRefused() throws IOException {
    Files.write(texts, List.of("short", "b".repeat(100_001)));
    CommandRun run = run("--deduplicate");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .contains("line 2")
        .endsWith(
            ": more than 100,000 characters, expected fewer in lines that are printed again\n");
    assertThat(done("--deduplicate", "--json").event("finished").path("kept").intValue())
        .isEqualTo(2);
  }

  private void requireWrong(String message, Object... more) {
    CommandRun run = run(more);
    assertThat(run.exit()).as(message).isEqualTo(2);
    assertThat(run.err()).contains(message);
  }
}
