package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.search.Vectors;

/** {@code embed --part-lines}: vectors in a directory of parts, by one process or several. */
class EmbedPartsTest {
  private static final int LINES = 23;
  private static final int PART = 5;

  /** Bytes of a header. */
  private static final int HEADER = 128;

  @TempDir static Path shared;
  @TempDir Path folder;
  private static Path model;
  private Path input;

  @BeforeAll
  static void makeModel() {
    model = CommandRun.model(shared.resolve("model"));
  }

  @BeforeEach
  void makeInput() throws IOException {
    input = folder.resolve("input.txt");
    Files.write(
        input,
        IntStream.range(0, LINES).mapToObj(i -> "line " + "b ".repeat(i * 7 % 11) + i).toList());
  }

  private CommandRun run(Path output, Object... more) {
    List<Object> arguments =
        new ArrayList<>(List.of("embed", "--model", model, "--input", input, "--output", output));
    arguments.addAll(Arrays.asList(more));
    return CommandRun.of(arguments.toArray());
  }

  private CommandRun done(Path output, Object... more) {
    CommandRun run = run(output, more);
    assertThat(run.exit()).as(run.err()).isZero();
    return run;
  }

  private static Map<String, String> content(Path directory) throws IOException {
    Map<String, String> content = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        content.put(
            file.getFileName().toString(), HexFormat.of().formatHex(Files.readAllBytes(file)));
      }
    }
    return content;
  }

  /** Whoever makes a part, its bytes are the same; one after the other they are all vectors. */
  @Test
  void partsOfAllShardsAreThoseOfOneProcess() throws IOException {
    Path whole = folder.resolve("whole");
    CommandRun run = done(whole, "--part-lines", PART, "--json");
    assertThat(run.event("finished").path("texts").asInt()).isEqualTo(LINES);
    assertThat(content(whole))
        .containsOnlyKeys(
            "part-000000.npy",
            "part-000001.npy",
            "part-000002.npy",
            "part-000003.npy",
            "part-000004.npy",
            "vectors.json");
    Path shards = folder.resolve("shards");
    int texts = 0;
    for (String shard : List.of("2/3", "1/3", "3/3")) {
      CommandRun one = done(shards, "--part-lines", PART, "--shard", shard, "--json");
      texts += one.event("finished").path("texts").asInt();
    }
    assertThat(texts).isEqualTo(LINES);
    assertThat(content(shards)).isEqualTo(content(whole));

    // Parts of a few lines and all of them at once are other batches: equal but for rounding.
    Path together = folder.resolve("together");
    done(together, "--part-lines", LINES);
    Path file = folder.resolve("file.npy");
    done(file);
    assertThat(together.resolve("part-000000.npy")).hasSameBinaryContentAs(file);
    long rows = 0;
    for (int part = 0; part < 5; part++) {
      rows += Files.size(whole.resolve("part-00000" + part + ".npy")) - HEADER;
    }
    assertThat(rows).isEqualTo(Files.size(file) - HEADER);
    try (Vectors all = Vectors.map(file)) {
      for (int part = 0; part < 5; part++) {
        try (Vectors some = Vectors.map(whole.resolve("part-00000" + part + ".npy"))) {
          for (int row = 0; row < some.size(); row++) {
            // The same sums over other batches, in f32.
            assertThat(some.get(row)).containsExactly(all.get(part * PART + row), within(1e-5f));
          }
        }
      }
    }
  }

  @Test
  void goesOnWithThePartsThatAreMissing() throws IOException {
    Path output = folder.resolve("out");
    done(output, "--part-lines", PART);
    Map<String, String> whole = content(output);
    Files.delete(output.resolve("part-000001.npy"));
    Files.delete(output.resolve("part-000004.npy"));
    Path kept = output.resolve("part-000002.npy");
    FileTime before = FileTime.fromMillis(1_000_000_000_000L);
    Files.setLastModifiedTime(kept, before);
    CommandRun rest = done(output, "--part-lines", PART, "--json");
    assertThat(rest.event("finished").path("texts").asInt()).isEqualTo(PART + 3);
    assertThat(content(output)).isEqualTo(whole);
    assertThat(Files.getLastModifiedTime(kept)).isEqualTo(before);
    CommandRun nothing = done(output, "--part-lines", PART, "--json");
    assertThat(nothing.event("finished").path("texts").asInt()).isZero();
  }

  @Test
  void partsOfOtherSettingsAreRefused() throws IOException {
    Path output = folder.resolve("out");
    done(output, "--part-lines", PART);
    Map<String, String> before = content(output);
    String start = "mirror4j: " + output.resolve("vectors.json") + ": its parts were made with ";
    String end = "; --overwrite makes them anew\n";
    CommandRun run = run(output, "--part-lines", PART, "--vectors", "int8");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).endsWith(start + "vectors \"f32\", asked for is \"int8\"" + end);
    assertThat(run(output, "--part-lines", PART + 1).err())
        .endsWith(start + "partLines 5, asked for is 6" + end);
    assertThat(run(output, "--part-lines", PART, "--max-length", 7).err())
        .endsWith(start + "maxLength 512, asked for is 7" + end);
    Files.writeString(input, "another text\n");
    assertThat(run(output, "--part-lines", PART).err()).contains(start + "inputHash \"");
    assertThat(content(output)).isEqualTo(before);
    done(output, "--part-lines", PART, "--overwrite");
    assertThat(content(output)).containsOnlyKeys("part-000000.npy", "vectors.json");
  }

  /** Ended between the removal of parts and the new settings, it is one of the old ones. */
  @Test
  void anOverwritingThatWasEndedIsGoneOnWith() throws IOException {
    Path output = folder.resolve("out");
    done(output, "--part-lines", PART);
    for (int part = 0; part < 3; part++) {
      Files.delete(output.resolve("part-00000" + part + ".npy"));
    }
    done(output, "--part-lines", PART, "--vectors", "f16", "--overwrite");
    Path fresh = folder.resolve("fresh");
    done(fresh, "--part-lines", PART, "--vectors", "f16");
    assertThat(content(output)).isEqualTo(content(fresh));
  }

  /** The first lines alone would say nothing of it, nor would the size. */
  @Test
  void aChangeInTheMiddleOfTheTextIsSeen() throws IOException {
    Path output = folder.resolve("out");
    done(output, "--part-lines", PART);
    List<String> lines = new ArrayList<>(Files.readAllLines(input));
    lines.set(11, lines.get(11).replace('l', 'L'));
    Files.write(input, lines);
    assertThat(run(output, "--part-lines", PART).err()).contains("inputHash");
  }

  @Test
  void whatCannotBeReadAgainIsRefused() {
    Path output = folder.resolve("out");
    for (Path pipe : List.of(Path.of("-"), folder)) {
      CommandRun run =
          CommandRun.of(
              "embed", "--model", model, "--input", pipe, "--output", output, "--part-lines", 5);
      assertThat(run.exit()).isEqualTo(2);
      assertThat(run.err())
          .contains("--input is " + pipe + ", expected a regular file with --part-lines");
    }
  }

  /** All at once in a directory that is not there yet. */
  @Test
  void shardsThatStartTogether() throws Exception {
    Path output = folder.resolve("out");
    List<CompletableFuture<CommandRun>> runs = new ArrayList<>();
    for (int shard = 1; shard <= 4; shard++) {
      String name = shard + "/4";
      runs.add(
          CompletableFuture.supplyAsync(
              () -> run(output, "--part-lines", PART, "--shard", name, "--threads", 1)));
    }
    for (CompletableFuture<CommandRun> run : runs) {
      assertThat(run.get().exit()).as(run.get().err()).isZero();
    }
    Path whole = folder.resolve("whole");
    done(whole, "--part-lines", PART);
    assertThat(content(output)).isEqualTo(content(whole));
  }

  @Test
  void aDirectoryOfOtherThingsIsLeftAlone() throws IOException {
    Path output = Files.createDirectory(folder.resolve("out"));
    Files.writeString(output.resolve("mine"), "mine");
    for (Object[] more : List.of(new Object[] {}, new Object[] {"--overwrite"})) {
      List<Object> options = new ArrayList<>(List.of("--part-lines", PART));
      options.addAll(Arrays.asList(more));
      CommandRun run = run(output, options.toArray());
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.err())
          .endsWith(
              output
                  + ": holds mine and no vectors.json, expected parts of an earlier run, or"
                  + " nothing\n");
    }
    assertThat(content(output)).containsOnlyKeys("mine");
  }

  @Test
  void optionsThatDoNotGoTogether() {
    Path output = folder.resolve("out");
    Path npy = folder.resolve("out.npy");
    requireWrong("--shard is given without --part-lines", npy, "--shard", "1/2");
    requireWrong("--overwrite is given without --part-lines", npy, "--overwrite");
    requireWrong("--part-lines is 0, expected at least 1", output, "--part-lines", 0);
    requireWrong("expected a directory with --part-lines", npy, "--part-lines", 5);
    for (String shard : List.of("0/2", "3/2", "1", "1/0", "a/b")) {
      requireWrong(
          "--shard is '" + shard + "', expected I/N with I from 1 to N, as 2/8",
          output,
          "--part-lines",
          5,
          "--shard",
          shard);
    }
    requireWrong(
        "--vectors is int8, expected f32, or an --output in .npy",
        folder.resolve("out.tsv"),
        "--vectors",
        "int8");
    requireWrong("--truncate-dimension is 0", npy, "--truncate-dimension", 0);
    requireWrong(
        "--truncate-dimension is 129, expected 1 to 128", npy, "--truncate-dimension", 129);
    assertThat(output).doesNotExist();
    assertThat(npy).doesNotExist();
  }

  private void requireWrong(String message, Path output, Object... more) {
    CommandRun run = run(output, more);
    assertThat(run.exit()).as(message).isEqualTo(2);
    assertThat(run.err()).contains(message);
  }

  /** The first values of each vector, as they are. */
  @Test
  void fewerDimensions() throws IOException {
    Path whole = folder.resolve("whole.npy");
    Path first = folder.resolve("first.npy");
    done(whole);
    CommandRun run = done(first, "--truncate-dimension", 3, "--json");
    assertThat(run.event("finished").path("dimensions").asInt()).isEqualTo(3);
    byte[] all = Files.readAllBytes(whole);
    byte[] some = Files.readAllBytes(first);
    assertThat(some).hasSize(HEADER + LINES * 3 * Float.BYTES);
    int rowBytes = (all.length - HEADER) / LINES;
    for (int i = 0; i < LINES; i++) {
      assertThat(Arrays.copyOfRange(some, HEADER + 12 * i, HEADER + 12 * (i + 1)))
          .isEqualTo(Arrays.copyOfRange(all, HEADER + rowBytes * i, HEADER + rowBytes * i + 12));
    }
  }
}
