package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.text.CsvRows;
import org.mirror4j.text.FieldRow;

class EvalCommandTest {
  @TempDir Path folder;
  private Path first;
  private Path second;
  private String pairs;
  private String texts;

  @BeforeEach
  void makeModels() throws IOException {
    first = CommandRun.model(folder.resolve("first"));
    second = folder.resolve("second");
    CommandRun.done(
        "init", "--config", "tiny", "--vocab-size", 300, "--seed", 1, "--output", second);
    Path file = folder.resolve("own.tsv");
    Files.write(file, List.of("cat\tdog\t3", "cat\tcats\t9", "sun\tmoon\t5", "a\tzebra\t0"));
    pairs = "pairs:" + file;
    Path list = folder.resolve("list.txt");
    Files.write(list, List.of("cat", "dog", "sun"));
    texts = "isotropy:" + list;
  }

  @Test
  void modelsAreColumns() throws IOException {
    Path report = folder.resolve("report.json");
    CommandRun run =
        CommandRun.done(
            "eval", "--model", first, second, "--task", pairs, texts, "--output", report);
    assertThat(run.out().lines().toList().getFirst())
        .containsSubsequence("task", "measure", "items", first.toString(), second.toString());
    assertThat(run.out().lines().toList().get(1)).containsPattern("mean, 512 tokens +mean, 512 to");
    // Each value is told when it is known.
    assertThat(run.err())
        .containsPattern(first + ", 1 of 2: own.tsv: Spearman -?[0-9.]+, 4 items")
        .contains(second + ", 2 of 2: list.txt: isotropy ");
    assertThat(run.out()).containsPattern("own.tsv +Spearman +4 ").contains("isotropy");
    JsonNode json = new ObjectMapper().readTree(report.toFile());
    assertThat(json.path("columns")).hasSize(2);
    assertThat(json.path("settings").get(0).path("pooling").asText()).isEqualTo("mean");
    assertThat(json.path("versions").path("java").asText()).isEqualTo(Runtime.version().toString());
  }

  /** Norms and distances, 3 measures of 4 texts by 2 models, and the tables of them. */
  @Test
  void geometryIsDrawn() throws IOException {
    Path words = folder.resolve("words.txt");
    Files.write(words, List.of("cat", "dog", "sun", "moon"));
    Path picture = folder.resolve("geometry.png");
    Path report = folder.resolve("report.json");
    CommandRun run =
        CommandRun.done(
            "eval",
            "--model",
            "first=" + first,
            "second=" + second,
            "--task",
            "geometry:" + words,
            "--output",
            picture,
            "--output",
            report);
    assertThat(run.out())
        .containsPattern("words.txt ranks 0-100 +mean of norms +4 +[0-9.]+ +[0-9.]+\n")
        .containsPattern("words.txt ranks 0-100 +distance to 5 nearest +4 +n/a\\* +n/a\\*\n")
        .contains("first, words.txt: the encoder's vectors, each line a text of its own;");
    assertThat(new ObjectMapper().readTree(report.toFile()).path("rows")).hasSize(7);
    BufferedImage drawn = ImageIO.read(picture.toFile());
    long colours =
        Arrays.stream(
                drawn.getRGB(0, 0, drawn.getWidth(), drawn.getHeight(), null, 0, drawn.getWidth()))
            .distinct()
            .count();
    // At least background, text and four lines.
    assertThat(colours).isGreaterThan(6);
    CommandRun none = CommandRun.of("eval", "--model", first, "--task", pairs, "--output", picture);
    assertThat(none.exit()).isEqualTo(2);
    assertThat(none.err())
        .contains("--output is a picture, which there is of tasks geometry:FILE only");
  }

  @Test
  void runsOfOneNameShareAColumn() {
    CommandRun run =
        CommandRun.done(
            "eval", "--model", "tuned=" + first, "tuned=" + second, "--task", pairs, "--json");
    List<Double> each =
        run.events("measurement").stream().map(e -> e.path("value").asDouble()).toList();
    assertThat(each).hasSize(2).doesNotHaveDuplicates();
    JsonNode report = run.event("report");
    assertThat(report.path("columns").toString()).isEqualTo("[\"tuned\"]");
    JsonNode tuned = report.path("rows").get(0).path("values").path("tuned");
    assertThat(tuned.path("runs")).extracting(JsonNode::asDouble).isEqualTo(each);
    assertThat(tuned.path("mean").asDouble()).isEqualTo((each.get(0) + each.get(1)) / 2);
    // Of two values a and b the sample standard deviation is |a - b| / sqrt(2).
    assertThat(tuned.path("standardDeviation").asDouble())
        .isCloseTo(Math.abs(each.get(0) - each.get(1)) / Math.sqrt(2), within(1e-12 * 100));
    String text =
        CommandRun.done("eval", "--model", "tuned=" + first, "tuned=" + second, "--task", pairs)
            .out();
    assertThat(text)
        .containsPattern("own.tsv +Spearman +4 +-?[0-9.]+ \\+/- [0-9.]+ \\[-?[0-9.]+, [0-9.]+]\n");
    // The mean lies in the middle of the interval.
    assertThat(tuned.at("/interval95/0").asDouble() + tuned.at("/interval95/1").asDouble())
        .isCloseTo(each.get(0) + each.get(1), within(1e-9));
  }

  /** The values of the JSON report, a row for each that was measured. */
  @Test
  void aReportOfCommaSeparatedValues() throws IOException {
    Path csv = folder.resolve("report.csv");
    CommandRun run =
        CommandRun.done(
            "eval",
            "--model",
            "both, tuned=" + first,
            "both, tuned=" + second,
            "one=" + first,
            "pooling=cls",
            "--task",
            pairs,
            texts,
            "--output",
            csv,
            "--json");
    List<FieldRow> rows = CsvRows.of(csv, Files.readAllLines(csv));
    assertThat(rows.getFirst().fields())
        .startsWith("task", "measure", "items", "skippedLines", "column", "mean")
        .contains("standardDeviation", "low95", "high95", "runs");
    List<JsonNode> expected = new ArrayList<>();
    run.event("report").path("rows").forEach(row -> row.path("values").forEach(expected::add));
    assertThat(rows).hasSize(1 + expected.size());
    int mean = rows.getFirst().fields().indexOf("mean");
    int low = rows.getFirst().fields().indexOf("low95");
    for (int i = 0; i < expected.size(); i++) {
      List<String> fields = rows.get(i + 1).fields();
      JsonNode value = expected.get(i);
      assertThat(fields.get(4)).isEqualTo(i % 2 == 0 ? "both, tuned" : "one");
      assertThat(fields.get(mean)).isEqualTo(value.path("mean").asText());
      assertThat(fields.get(low)).isEqualTo(value.at("/interval95/0").asText());
      assertThat(fields.get(low).isEmpty()).isEqualTo(i % 2 == 1);
    }
  }

  /** One model pooled in two ways, the second as the options say for all. */
  @Test
  void aModelMayHaveSettingsOfItsOwn() throws IOException {
    Path json = folder.resolve("report.json");
    Path markdown = folder.resolve("report.md");
    CommandRun run =
        CommandRun.done(
            "eval",
            "--model",
            "first=" + first,
            "pooling=cls",
            "max-length=16",
            first,
            "prompt=a b: ",
            "--task",
            pairs,
            "--pooling",
            "mean-padded",
            "--output",
            json,
            "--output",
            markdown);
    List<String> lines = run.out().lines().toList();
    String second = first + " prompt=a b: ";
    assertThat(lines.getFirst()).containsSubsequence("items", "first", second);
    assertThat(lines.get(1))
        .containsSubsequence("cls, 16 tokens", "mean-padded, 512 tokens, a prompt");
    JsonNode report = new ObjectMapper().readTree(json.toFile());
    assertThat(report.path("columns"))
        .extracting(JsonNode::asText)
        .containsExactly("first", second);
    assertThat(report.path("settings"))
        .extracting(settings -> settings.path("pooling").asText())
        .containsExactly("cls", "mean-padded");
    assertThat(report.path("complete").asBoolean()).isTrue();
    double value = report.path("rows").get(0).path("values").path("first").path("mean").asDouble();
    assertThat(Files.readString(markdown).lines())
        .containsSubsequence(
            "| task | measure | items | first<br>cls, 16 tokens | "
                + second
                + "<br>mean-padded, 512 tokens, a prompt |",
            "| :-- | :-- | --: | --: | --: |")
        .anySatisfy(
            line ->
                assertThat(line).startsWith("| own.tsv | Spearman | 4 | %.2f | ".formatted(value)));
  }

  @Test
  void wrongSettingsOfAModelAreRefused() {
    assertRefused(2, "--model: pooling=cls stands before any model", "pooling=cls", first);
    assertRefused(2, "Invalid value for option '--pooling'", first, "pooling=clss");
    assertRefused(2, "did you mean cls?", first, "pooling=clss");
    assertRefused(2, "should be specified only once", first, "pooling=cls", "pooling=mean");
    assertRefused(1, "did you mean the setting pooling=cls?", first, "poling=cls");
    assertRefused(2, "names one directory twice", first, "pooling=cls", first, "pooling=cls");
  }

  private void assertRefused(int exit, String message, Object... models) {
    List<Object> args = new ArrayList<>(List.of("eval", "--task", pairs, "--model"));
    args.addAll(List.of(models));
    CommandRun run = CommandRun.of(args.toArray());
    assertThat(run.exit()).isEqualTo(exit);
    assertThat(run.err()).contains(message).doesNotContain("device ");
  }

  @Test
  void publishedFiguresOfWhatWasMeasuredStandBelow() throws IOException {
    Path joined = Files.createDirectories(folder.resolve("data/sts/joined"));
    Files.write(joined.resolve("stsb.test.tsv"), List.of("1\ta\tb\tx", "2\tcat\tdog\tx"));
    CommandRun run =
        CommandRun.done(
            "eval",
            "--model",
            first,
            "--task",
            "stsb",
            pairs,
            "--data",
            folder.resolve("data"),
            "--published");
    assertThat(run.out())
        .containsPattern("published: Liu et al. 2021, table 3, Spearman x 100 +stsb\n")
        .containsPattern("BERT-CLS +20.3\n")
        .doesNotContain("table 4,")
        .doesNotContain("sts12");
    CommandRun json =
        CommandRun.done("eval", "--model", first, "--task", pairs, "--published", "--json");
    assertThat(json.event("report").path("published").path("tables")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s", "./%s/", "tuned=%s"})
  void oneDirectoryTwiceIsRefused(String second) {
    // Relative, so that a path may be written in several ways.
    Path relative = Path.of("").toAbsolutePath().relativize(first.toAbsolutePath());
    CommandRun run =
        CommandRun.of("eval", "--model", relative, second.formatted(relative), "--task", pairs);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("mirror4j: --model names one directory twice, with the same settings: ");
  }

  @Test
  void programsGetEveryNumber() {
    CommandRun run = CommandRun.done("eval", "--model", first, "--task", pairs, texts, "--json");
    assertThat(run.err()).isEmpty();
    assertThat(run.events("measurement")).hasSize(3);
    JsonNode spearman = run.events("measurement").getFirst();
    assertThat(spearman.path("value").asDouble()).isBetween(-100.0, 100.0);
    assertThat(run.event("report").path("rows")).hasSize(3);
  }

  @Test
  void theBundledModelIsAColumn() {
    CommandRun run =
        CommandRun.done("eval", "--model", "bundled", "own=" + first, "--task", pairs, "--json");
    assertThat(run.event("report").path("columns").toString()).isEqualTo("[\"bundled\",\"own\"]");
    assertThat(run.event("report").path("complete").asBoolean()).isTrue();
    CommandRun close = CommandRun.of("eval", "--model", "bundeld", "--task", pairs);
    assertThat(close.exit()).isEqualTo(1);
    assertThat(close.err().lines().toList().getLast())
        .startsWith(
            "mirror4j: bundeld: no such file or directory, expected a model directory, or bundled")
        .endsWith("did you mean bundled?");
    CommandRun sibling = CommandRun.of("eval", "--model", folder.resolve("frist"), "--task", pairs);
    assertThat(sibling.err()).contains("did you mean " + first + "?");
  }

  @Test
  void aDirectoryThatIsALinkIsNotMeasuredTwice() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), first);
    CommandRun run = CommandRun.of("eval", "--model", first, link, "--task", pairs);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .contains("--model names one directory twice, with the same settings: " + link);
  }

  /** The second model has a weight that is no number, which shows in its vectors. */
  @Test
  void whatWasMeasuredBeforeAFailureIsShown() throws IOException {
    Path weights = second.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    Arrays.fill(bytes, bytes.length - 4_000, bytes.length, (byte) 0xFF);
    Files.write(weights, bytes);
    Path report = folder.resolve("report.json");
    Path rows = folder.resolve("report.csv");
    CommandRun run =
        CommandRun.of(
            "eval",
            "--model",
            first,
            second,
            "--task",
            pairs,
            "--output",
            report,
            "--output",
            rows);
    assertThat(run.exit()).isEqualTo(1);
    JsonNode written = new ObjectMapper().readTree(report.toFile());
    assertThat(written.path("complete").asBoolean(true)).isFalse();
    assertThat(written.path("rows").get(0).path("values").size()).isEqualTo(1);
    assertThat(run.out())
        .containsPattern("own.tsv +Spearman +4 +-?[0-9.]+ +-\n")
        .endsWith("NOT COMPLETE: failed; what is above was measured before\n");
    assertThat(rows).as("a file that could not say so").doesNotExist();
    assertThat(run.err()).contains(rows + ": not written, as it would look complete\n");
    assertThat(run.err().lines().toList().getLast()).contains("mirror4j: ");
    CommandRun json = CommandRun.of("eval", "--model", first, second, "--task", pairs, "--json");
    assertThat(json.events("measurement")).hasSize(1);
    assertThat(json.event("report").path("complete").asBoolean(true)).isFalse();
  }

  @Test
  void whatIsWrongWithAFileIsSaidBeforeAnythingIsComputed() throws IOException {
    Path file = Files.write(folder.resolve("four.tsv"), List.of("1\tcat\tdog\t7", "2\ta\tb\t3"));
    CommandRun run = CommandRun.of("eval", "--model", first, "--task", pairs, "pairs:" + file);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err().lines().toList().getLast())
        .contains("name them, as in pairs:FILE:score=4,first=2,second=3");
    assertThat(run.err()).doesNotContain("device ");
    run =
        CommandRun.done(
            "eval", "--model", first, "--task", "pairs:" + file + ":score=4,first=2,second=3");
    assertThat(run.err()).contains(": score in column 4, texts in 2 and 3, no header");
  }

  /** Of 300 pieces none spells Cyrillic; a text of 40 letters has 42 tokens. */
  @Test
  void unknownWordsAndCutTextsAreSaid() throws IOException {
    Path russian = folder.resolve("ru.tsv");
    Files.write(russian, List.of("кот\tпёс\t3", "кот\tкоты\t9", "a\tb\t" + 1));
    Path long_ = folder.resolve("long.tsv");
    Files.write(long_, List.of("x y ".repeat(20) + "\tcat\t1", "sun\tmoon\t2"));
    CommandRun run =
        CommandRun.done(
            "eval",
            "--model",
            first,
            "--task",
            "pairs:" + russian,
            "pairs:" + long_,
            "--max-length",
            16);
    assertThat(run.out())
        .contains("ru.tsv: 60.0 % of the words are unknown to the model\n")
        .contains("long.tsv: 1 of 4 texts cut at the maximum length\n");
  }

  @Test
  void tasksAreListed() {
    assertThat(CommandRun.done("eval", "--list-tasks").out().lines())
        .contains("sts", "stsb", "wordsim")
        .endsWith(
            "pairs:FILE",
            "isotropy:FILE",
            "geometry:FILE",
            "masked-loss:FILE",
            "masked-loss:FILE:spans",
            "linking:FILE:FILE");
    CommandRun run = CommandRun.done("eval", "--list-tasks", "--data", folder, "--json");
    assertThat(run.event("tasks").path("names").toString()).contains("stsb", "sts17-es-en-4b");
  }

  @Test
  void wrongUsageAndMissingFiles() {
    CommandRun run = CommandRun.of("eval", "--task", pairs);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).startsWith("mirror4j: --model is missing");
    run = CommandRun.of("eval", "--list-tasks", "--model", first);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).startsWith("mirror4j: --list-tasks takes no --model");
    run = CommandRun.of("eval", "--model", first, "--task", "stsb", "--data", folder);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).startsWith("mirror4j: task stsb: no such file: ");
    for (Path output : new Path[] {folder, folder.resolve("none/report.json")}) {
      run = CommandRun.of("eval", "--model", first, "--task", pairs, "--output", output);
      assertThat(run.exit()).isEqualTo(2);
      assertThat(run.err()).startsWith("mirror4j: --output is ").doesNotContain("device ");
    }
    run = CommandRun.of("eval", "--model", first, "--task", "nothing", "--data", folder);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).startsWith("mirror4j: unknown task nothing");
    run = CommandRun.of("eval", "--model", first, "--task", "stsb");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).startsWith("mirror4j: task stsb needs the folder of the data sets");
  }

  /** Also where the same data were asked for under another name before. */
  @Test
  void aReportDoesNotReplaceWhatIsMeasured() throws IOException {
    Path gold = folder.resolve("gold.csv");
    List<String> rows = List.of("cat,dog,3", "cat,cats,9", "sun,moon,5", "a,zebra,0");
    Files.write(gold, rows);
    Path copy = Files.copy(gold, folder.resolve("copy.csv"));
    CommandRun run =
        CommandRun.of(
            "eval", "--model", first, "--task", "pairs:" + copy, "pairs:" + gold, "--output", gold);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err())
        .startsWith("mirror4j: %s: would replace the input %s".formatted(gold, gold));
    assertThat(gold).hasContent(String.join("\n", rows));
  }
}
