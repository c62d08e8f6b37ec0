package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands that are killed at random moments, a fifth of them in their last second, and started
 * again; and two at once on one output. A handful here; any number by hand:
 *
 * <pre>  mvn verify -Dtest=KilledCommandsTest -Dmirror4j.kills=100 -Dmirror4j.pairs=20  </pre>
 *
 * A failure names the kill, and {@code -Dmirror4j.kills.seed=N} draws other moments.
 */
class KilledCommandsTest {
  private static final int KILLS = Integer.getInteger("mirror4j.kills", 6);
  private static final int PAIRS = Integer.getInteger("mirror4j.pairs", 2);
  private static final long SEED = Long.getLong("mirror4j.kills.seed", 1);
  private static final List<String> SIGNALS = List.of("KILL", "TERM", "INT");
  private static final long MOST_SECONDS = 300;

  /** What a command makes and how long it takes. */
  private record Unbroken(Map<String, String> files, double seconds) {}

  @TempDir Path folder;
  private Path work;
  private Path temporary;
  private final Map<String, List<Object>> commands = new TreeMap<>();
  private final Map<String, Unbroken> unbroken = new TreeMap<>();

  @BeforeEach
  void makeInputs() throws Exception {
    work = Files.createDirectory(folder.resolve("work"));
    temporary = Files.createDirectory(folder.resolve("tmp"));
    Path model = CommandRun.model(folder.resolve("model"));
    Path words = folder.resolve("words.txt");
    Files.write(
        words, IntStream.range(0, 160).mapToObj(i -> "word " + Integer.toString(i, 5)).toList());
    Path lines = folder.resolve("lines.txt");
    Files.write(lines, IntStream.range(0, 4_000).mapToObj(i -> "line " + i * 37).toList());
    Path prose = folder.resolve("prose.txt");
    Files.write(
        prose,
        IntStream.range(0, 300)
            .mapToObj(i -> "the river of %d and the old town by %d".formatted(i % 17, i % 23))
            .toList());
    Path out = work.resolve("out");
    commands.put(
        "train",
        List.of(
            "train",
            "--model",
            model,
            "--corpus",
            words,
            "--output",
            out,
            "--recipe",
            "word",
            "--batch-size",
            8,
            "--epochs",
            3,
            "--checkpoint-steps",
            7));
    commands.put(
        "pretrain",
        List.of(
            "pretrain",
            "--corpus",
            prose,
            "--output",
            out,
            "--config",
            "tiny",
            "--vocab-size",
            120,
            "--batch-tokens",
            64,
            "--max-length",
            16,
            "--epochs",
            1,
            "--checkpoint-steps",
            7));
    commands.put(
        "embed",
        List.of("embed", "--model", model, "--input", lines, "--output", work.resolve("out.npy")));
    commands.put(
        "embed in parts",
        List.of(
            "embed",
            "--model",
            model,
            "--input",
            lines,
            "--output",
            out,
            "--part-lines",
            300,
            "--vectors",
            "int8"));
    commands.put("convert", List.of("convert", model, out, "--overwrite"));
    commands.put(
        "whiten",
        List.of("whiten", "--model", model, "--corpus", lines, "--output", out, "--overwrite"));
    commands.put(
        "flow",
        List.of(
            "flow",
            "--model",
            model,
            "--corpus",
            prose,
            "--output",
            out,
            "--batch-size",
            8,
            "--epochs",
            2,
            "--checkpoint-steps",
            7));
  }

  private Unbroken unbroken(String name) throws Exception {
    if (!unbroken.containsKey(name)) {
      // Twice: the first start of a kind is slower.
      for (int i = 0; i < 2; i++) {
        long start = System.nanoTime();
        Path said = folder.resolve("said");
        Process process = start(commands.get(name), said);
        assertThat(end(process)).as(() -> read(said)).isZero();
        double seconds = (System.nanoTime() - start) * 1e-9;
        unbroken.put(name, new Unbroken(content(), seconds));
        clear();
      }
    }
    return unbroken.get(name);
  }

  @Test
  void theSameCommandEndsInTheSameBytes() throws Exception {
    Random random = new Random(SEED);
    List<String> names = List.copyOf(commands.keySet());
    for (int i = 0; i < KILLS; i++) {
      String name = names.get(i % names.size());
      Unbroken expected = unbroken(name);
      boolean late = i / names.size() % 5 == 1;
      double from = late ? Math.max(0, expected.seconds - 1) : 0;
      double at = from + random.nextDouble() * (expected.seconds - from);
      String signal = SIGNALS.get(random.nextInt(SIGNALS.size()));
      String what = "kill %d: %s, SIG%s after %.3f s".formatted(i, name, signal, at);
      Path said = folder.resolve("said");
      Process process = start(commands.get(name), said);
      if (!process.waitFor((long) (at * 1e6), TimeUnit.MICROSECONDS)) {
        new ProcessBuilder("kill", "-s", signal, Long.toString(process.pid())).start().waitFor();
      }
      end(process);
      String before = read(said);
      for (int again = 1; ; again++) {
        Process next = start(resuming(commands.get(name)), said);
        int exit = end(next);
        if (exit == 0) {
          break;
        }
        assertThat(again).as(() -> what + "\n" + before + "\n" + read(said)).isLessThan(3);
      }
      assertThat(content()).as(what).isEqualTo(expected.files);
      clear();
    }
  }

  /** The same command, with {@code --resume} where there is something to resume or to be done. */
  private List<Object> resuming(List<Object> command) {
    List<Object> next = new ArrayList<>(command);
    if (List.of("train", "pretrain", "flow").contains(command.getFirst())
        && (Files.exists(work.resolve("out.training")) || Files.exists(work.resolve("out")))) {
      next.add("--resume");
    }
    return next;
  }

  @Test
  void oneOfTwoWrites() throws Exception {
    List<String> names = List.of("train", "convert", "pretrain", "flow", "whiten");
    for (int i = 0; i < PAIRS; i++) {
      String name = names.get(i % names.size());
      Unbroken expected = unbroken(name);
      List<Object> command = new ArrayList<>(commands.get(name));
      command.remove("--overwrite");
      List<Path> said = List.of(folder.resolve("said-1"), folder.resolve("said-2"));
      Process first = start(command, said.get(0));
      Process second = start(command, said.get(1));
      List<Integer> exits = List.of(end(first), end(second));
      String what = "pair %d: %s\n%s\n%s".formatted(i, name, read(said.get(0)), read(said.get(1)));
      assertThat(exits).as(what).containsExactlyInAnyOrder(0, 1);
      assertThat(read(said.get(exits.indexOf(1))).lines().filter(l -> l.startsWith("mirror4j:")))
          .as(what)
          .singleElement()
          .asString()
          .containsAnyOf(
              "is being written by process", "exists already", "unfinished run is there");
      assertThat(content()).as(what).isEqualTo(expected.files);
      clear();
    }
  }

  private Process start(List<Object> command, Path said) throws IOException {
    return CommandProcess.builder(List.of("-Djava.io.tmpdir=" + temporary), command.toArray())
        .redirectErrorStream(true)
        .redirectOutput(said.toFile())
        .start();
  }

  private static int end(Process process) throws InterruptedException {
    if (!process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("a command has not ended after " + MOST_SECONDS + " s");
    }
    return process.exitValue();
  }

  /** All that is there, temporaries too; of a log the times are left out. */
  private Map<String, String> content() throws IOException {
    Map<String, String> content = new TreeMap<>();
    for (Path root : List.of(work, temporary)) {
      try (Stream<Path> paths = Files.walk(root)) {
        for (Path path : paths.filter(path -> !path.equals(root)).toList()) {
          content.put(
              folder.relativize(path).toString(), Files.isDirectory(path) ? "" : text(path));
        }
      }
    }
    return content;
  }

  private static String text(Path file) throws IOException {
    if (!file.endsWith("train.jsonl")) {
      return HexFormat.of().formatHex(Files.readAllBytes(file));
    }
    StringBuilder steps = new StringBuilder();
    ObjectMapper json = new ObjectMapper();
    for (String line : Files.readAllLines(file)) {
      JsonNode step = json.readTree(line);
      ((ObjectNode) step).remove("seconds");
      steps.append(step).append('\n');
    }
    return steps.toString();
  }

  private void clear() throws IOException {
    for (Path root : List.of(work, temporary)) {
      try (Stream<Path> paths = Files.walk(root)) {
        for (Path path : paths.sorted((a, b) -> b.compareTo(a)).toList()) {
          if (!path.equals(root)) {
            Files.delete(path);
          }
        }
      }
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
