package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.encode.Bundled;
import org.mirror4j.eval.ScoredPair;
import org.mirror4j.eval.ScoredPairs;

class DemoCommandTest {
  @TempDir Path folder;

  @Test
  void showsBeforeAndAfter() throws IOException {
    Path model = CommandRun.model(folder.resolve("model"));
    Path words = folder.resolve("words.txt");
    Files.write(
        words,
        IntStream.range(0, 130).mapToObj(i -> "word" + Integer.toString(i * i, 26)).toList());
    CommandRun run = CommandRun.done("demo", "--model", model, "--corpus", words);
    assertThat(run.out())
        .containsPattern("(?m)^ +before +after$")
        .containsPattern("(?m)^Spearman x 100 +-?\\d")
        .containsPattern("(?m)^isotropy +\\d")
        .containsPattern("(?m)^  king +word")
        .contains(
            "\nbefore: mean, 512 tokens"
                + "\nafter: mask, 32 tokens, a template, '{} , or [MASK] ,' around each word\n");
    assertThat(run.out().lines()).allMatch(line -> line.length() <= 112);
    assertThat(run.err()).startsWith("demo: tunes " + model + " on " + words + " and compares");
    assertThat(run.err().lines().toList().getLast())
        .isEqualTo(
            "./mirror4j fetch bert-base-uncased && ./mirror4j demo --model bert-base-uncased");

    Path kept = folder.resolve("kept");
    CommandRun json =
        CommandRun.done("demo", "--model", model, "--corpus", words, "--output", kept, "--json");
    JsonNode demo = json.event("demo");
    assertThat(demo.path("pairs").asInt()).isGreaterThanOrEqualTo(40);
    assertThat(demo.path("after").path("neighbours").path("king")).hasSize(4);
    assertThat(demo.path("before")).isNotEqualTo(demo.path("after"));
    assertThat(kept.resolve("model.safetensors")).exists();
    CommandRun again = CommandRun.done("demo", "--model", kept, "--corpus", words);
    assertThat(again.out()).contains("\nbefore: mask, 32 tokens, a template\n");
  }

  @Test
  void bundledPairsAreMarkedAsIllustrationAndOfTheirScale() throws IOException {
    try (Bundled bundled = Bundled.open()) {
      assertThat(Files.readAllLines(bundled.wordPairs()).getFirst())
          .contains("illustration only", "no data set");
      List<ScoredPair> pairs = ScoredPairs.read(bundled.wordPairs(), notice -> {}).pairs();
      assertThat(pairs).hasSize(45);
      assertThat(pairs).allMatch(pair -> pair.score() >= 0 && pair.score() <= 10);
    }
  }

  @Test
  void whatIsUnpackedIsGoneAfterwards() {
    Path unpacked;
    try (Bundled bundled = Bundled.open()) {
      unpacked = bundled.wordPairs();
      assertThat(unpacked).exists();
    }
    assertThat(unpacked.getParent()).doesNotExist();
  }
}
