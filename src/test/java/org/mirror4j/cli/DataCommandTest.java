package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataCommandTest {
  @TempDir Path folder;

  @Test
  void saysWhatIsThereAndWhereTheRestIs() throws IOException {
    Path joined = Files.createDirectories(folder.resolve("sts/joined"));
    Files.writeString(joined.resolve("2012.test.tsv"), "1\ta\tb\n");
    Files.writeString(joined.resolve("stsb.test.tsv"), "1\ta\tb\n");
    CommandRun run = CommandRun.done("data", "--data", folder);
    assertThat(run.out())
        .contains("there    sts12: ")
        .contains("in part  stsb: ")
        .contains("files      sts/joined/stsb.dev.tsv, sts/joined/stsb.train.tsv\n")
        .contains("missing  sickr: ")
        .contains("licence    CC BY-NC-SA 3.0\n");
    assertThat(run.err()).endsWith(" data sets are in " + folder + "\n").startsWith("1 of ");
    List<JsonNode> sets = CommandRun.done("data", "--data", folder, "--json").events("set");
    assertThat(sets.getFirst().path("name").asText()).isEqualTo("sts12");
    assertThat(sets).extracting(set -> set.path("there").asBoolean()).containsOnlyOnce(true);
    assertThat(CommandRun.done("data").out()).contains("missing  sts12: ");
    CommandRun none = CommandRun.of("data", "--data", folder.resolve("none"));
    assertThat(none.exit()).isEqualTo(1);
    assertThat(none.err()).endsWith("none: no such folder\n");
  }

  @Test
  void importsAndMeasures() throws IOException {
    Path from = Files.createDirectories(folder.resolve("from"));
    Path to = folder.resolve("to");
    Path file = from.resolve("sts-test.csv");
    Files.writeString(file, "g\tf\ty\t1\t5\tcat\tdog\ng\tf\ty\t1\t4\tsun\tthe moon\n");
    CommandRun run = CommandRun.done("data", "import", "--from", from, "--to", to, "--json");
    assertThat(run.err()).isEmpty();
    JsonNode imported = run.event("imported");
    assertThat(imported.path("file").asText()).isEqualTo("sts/joined/stsb.test.tsv");
    assertThat(imported.path("items").asInt()).isEqualTo(2);
    assertThat(CommandRun.done("data", "import", "--from", from, "--to", to).out())
        .isEqualTo("sts/joined/stsb.test.tsv: 2 lines of data, was there\n");
    Path model = CommandRun.model(folder.resolve("model"));
    assertThat(CommandRun.done("eval", "--model", model, "--task", "stsb", "--data", to).out())
        .containsPattern("stsb +Spearman +2 ");
    Files.writeString(file, "g\tf\ty\t1\tfive\tcat\tdog\n");
    CommandRun wrong = CommandRun.of("data", "import", "--from", from, "--to", to);
    assertThat(wrong.exit()).isEqualTo(1);
    assertThat(wrong.err())
        .isEqualTo("mirror4j: %s:1: field 5 is \"five\", expected a number\n".formatted(file));
  }
}
