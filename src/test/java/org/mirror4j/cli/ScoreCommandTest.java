package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.task.Scorer;

class ScoreCommandTest {
  @TempDir Path folder;
  private Path gold;
  private Path predictions;

  @BeforeEach
  void files() throws IOException {
    gold =
        Files.writeString(folder.resolve("gold"), "no_relation\nper:age\nper:title\norg:founded\n");
    predictions =
        Files.writeString(
            folder.resolve("predictions"), "per:age\nper:age\nper:age\norg:founded\n");
  }

  private CommandRun score(Object... more) {
    List<Object> arguments = new ArrayList<>(List.of("score"));
    arguments.addAll(List.of(more));
    arguments.addAll(List.of("--gold", gold, "--predictions", predictions));
    return CommandRun.of(arguments.toArray());
  }

  @Test
  void aTableOfPartsAndMeasures() {
    CommandRun run = score("tacred");
    assertThat(run.exit()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .isEqualTo(
            """
            tacred       items  precision  recall      F1
            all              3      50.00   66.67   57.14
            org:founded      1     100.00  100.00  100.00
            per:age          1      33.33  100.00   50.00
            per:title        1     100.00    0.00    0.00
            """);
  }

  @Test
  void figuresByNameForPrograms() {
    CommandRun run = score("tacred", "--json");
    assertThat(run.exit()).isZero();
    JsonNode score = run.event("score");
    assertThat(score.get("task").textValue()).isEqualTo("tacred");
    assertThat(score.get("gold").textValue()).isEqualTo(gold.toString());
    assertThat(score.get("predictions").textValue()).isEqualTo(predictions.toString());
    assertThat(score.get("figures")).hasSize(4 * 4);
    assertThat(score.at("/figures/items").isInt()).isTrue();
    assertThat(score.at("/figures/precision").doubleValue()).isEqualTo(50);
    assertThat(score.at("/figures/f1:per:age").doubleValue()).isEqualTo(50);
  }

  @Test
  void oneFigureAlone() {
    assertThat(score("tacred", "--metric", "recall").out()).isEqualTo(100 * (2.0 / 3) + "\n");
    assertThat(score("tacred", "--metric", "items:per:age").out()).isEqualTo("1\n");
    JsonNode figures =
        score("tacred", "--metric", "recall:per:title", "--json").event("score").get("figures");
    assertThat(figures).hasSize(1);
    assertThat(figures.get("recall:per:title").doubleValue()).isZero();
  }

  @Test
  void whatIsNotDefined() throws IOException {
    Files.writeString(gold, "1\tOther\n");
    Files.writeString(predictions, "1\tOther\n");
    assertThat(score("semeval-2010-8").out()).containsPattern("(?m)^all +1 +n/a +n/a +n/a ");
    assertThat(score("semeval-2010-8", "--metric", "f1").out()).isEqualTo("n/a\n");
    assertThat(score("semeval-2010-8", "--json").event("score").at("/figures/f1").isNull())
        .isTrue();
  }

  @Test
  void bestThresholdsOfNoAnswer() throws IOException {
    Files.writeString(
        gold,
        "{\"data\":[{\"paragraphs\":[{\"context\":\"a cat\",\"qas\":["
            + "{\"id\":\"1\",\"question\":\"?\",\"answers\":[{\"text\":\"cat\",\"answer_start\":2}]},"
            + "{\"id\":\"2\",\"question\":\"?\",\"answers\":[]}]}]}]}");
    Files.writeString(predictions, "{\"1\": \"cat\", \"2\": \"cat\"}");
    Path numbers = Files.writeString(folder.resolve("numbers"), "{\"1\": -2.5, \"2\": 0.5}");
    assertThat(score("squad-2.0", "--no-answer", numbers).out())
        .isEqualTo(
            """
            squad-2.0   items  exact match      F1  exact match threshold  F1 threshold
            all             2        50.00   50.00
            best                    100.00  100.00               -2.50000      -2.50000
            has-answer      1       100.00  100.00
            no-answer       1         0.00    0.00
            """);
    assertThat(
            score(
                    "squad-2.0",
                    "--no-answer",
                    numbers,
                    "--no-answer-threshold",
                    "-2.5",
                    "--metric",
                    "exact-match")
                .out())
        .isEqualTo("100.0\n");
  }

  @Test
  void wrongUsage() {
    refused("unknown task takred, expected squad-1.1, ", "did you mean tacred?", "takred");
    refused(
        "--metric is recal, expected items, precision, ",
        "did you mean recall?",
        "tacred",
        "--metric",
        "recal");
    refused("tacred takes no --no-answer", "", "tacred", "--no-answer", folder.resolve("numbers"));
    refused(
        "--no-answer-threshold needs --no-answer", "", "squad-2.0", "--no-answer-threshold", "1");
    refused(
        "--no-answer-threshold is NaN, expected a number",
        "",
        "squad-2.0",
        "--no-answer",
        folder.resolve("numbers"),
        "--no-answer-threshold",
        "NaN");
    CommandRun run = CommandRun.of("score", "tacred", "--gold", gold);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).startsWith("mirror4j: Missing required option: '--predictions=FILE'");
  }

  private void refused(String start, String end, Object... arguments) {
    CommandRun run = score(arguments);
    assertThat(run.exit()).as(start).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines().toList().getFirst())
        .startsWith("mirror4j: " + start)
        .endsWith(end);
  }

  @Test
  void aFileOfAnotherTaskIsOneLine() {
    CommandRun run = score("squad-1.1");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines())
        .singleElement()
        .asString()
        .startsWith("mirror4j: " + gold + ": not valid JSON: Unrecognized token 'no_relation'");
    CommandRun absent =
        CommandRun.of("score", "tacred", "--gold", gold, "--predictions", folder.resolve("no"));
    assertThat(absent.exit()).isEqualTo(1);
    assertThat(absent.err()).isEqualTo("mirror4j: " + folder.resolve("no") + " does not exist\n");
  }

  @Test
  void theHelpListsAllTasksALineEach() {
    String help = CommandRun.done("help", "score").out();
    assertThat(ScoreCommand.SCORERS).extracting(Scorer::name).doesNotHaveDuplicates();
    assertThat(ScoreCommand.SCORERS)
        .allSatisfy(
            scorer ->
                assertThat(help)
                    .containsPattern(
                        "(?m)^  %s +\\Q%s\\E$".formatted(scorer.name(), scorer.description())));
  }
}
