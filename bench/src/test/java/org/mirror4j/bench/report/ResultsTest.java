package org.mirror4j.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Results files and what follows from their rows. */
class ResultsTest {
  @TempDir Path folder;

  private Path file() {
    return folder.resolve("cpu-some.json");
  }

  /** One that is written in place is torn for whoever reads it meanwhile, and after a kill. */
  @Test
  void aFileIsReplacedAndNotWrittenOver() throws IOException {
    Results.open(file()).note("first", 1);
    Path linked = Files.createLink(folder.resolve("linked"), file());
    String before = Files.readString(file());
    Results.open(file()).note("second", 2);
    assertThat(linked).hasContent(before.strip());
    assertThat(Results.open(file()).note("first").asInt()).isEqualTo(1);
    assertThat(Results.open(file()).note("second").asInt()).isEqualTo(2);
  }

  private static ObjectNode row(String side, int threads, double seconds) {
    ObjectNode row = new ObjectMapper().createObjectNode();
    row.put("group", "scaling").put("contest", "threads");
    return row.put("side", side).put("threads", threads).put("seconds", seconds);
  }

  /** Also those of the engine on fewer threads: the table says what the others bring. */
  @Test
  void timesAreComparedWithTheEngineInF32OnTheMostThreads() throws IOException {
    ObjectNode root = new ObjectMapper().createObjectNode();
    ArrayNode rows = root.putArray("rows");
    rows.add(row("mirror4j f32, 1 thread", 1, 8));
    rows.add(row("mirror4j f32, 2 threads", 2, 4));
    rows.add(row("mirror4j bf16, 1 thread", 1, 2));
    Files.writeString(file(), root.toString());
    Results results = Results.open(file());
    Facts facts = new Facts(results);
    assertThat(results.rows())
        .allSatisfy(row -> assertThat(facts.engine(row).orElseThrow().seconds()).isEqualTo(4));
  }
}
