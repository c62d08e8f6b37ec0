package org.mirror4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.file.FileException;

class RunDirectoryTest {
  private static final RunOptions NEW = new RunOptions(2, false, false);
  private static final RunOptions RESUME = new RunOptions(2, true, false);
  private static final RunOptions OVERWRITE = new RunOptions(2, false, true);

  @TempDir Path folder;
  private Path output;
  private Path training;

  @BeforeEach
  void names() throws IOException {
    output = folder.toRealPath().resolve("out");
    training = folder.toRealPath().resolve("out.training");
  }

  private void begin(RunOptions options) {
    try (RunDirectory directory = RunDirectory.lock(output, options)) {
      assertThat(directory.isDone(settings(1))).isFalse();
      directory.begin(settings(1));
    }
  }

  private static ObjectNode settings(int seed) {
    return JsonNodeFactory.instance.objectNode().put("steps", 3).put("seed", seed);
  }

  @Test
  void aRunThatIsThereIsGoneOnWithOrReplacedButNotLost() throws IOException {
    begin(NEW);
    Files.createDirectory(training.resolve("checkpoint-2"));
    refused(NEW, training + ": an unfinished run is there; go on with --resume or drop it");
    begin(RESUME);
    assertThat(training.resolve("checkpoint-2")).exists();
    begin(OVERWRITE);
    assertThat(training.resolve("checkpoint-2")).doesNotExist();
    try (RunDirectory directory = RunDirectory.lock(output, RESUME)) {
      assertThatThrownBy(() -> directory.isDone(settings(2)))
          .isInstanceOf(FileException.class)
          .hasMessage(
              training + ": seed was 1 in the unfinished run, now 2; use the same or --overwrite");
      ObjectNode more = settings(1).put("new", true);
      assertThatThrownBy(() -> directory.isDone(more)).hasMessageContaining("new was absent");
      directory.delete();
    }
    refused(RESUME, training + ": no unfinished run to resume; leave out --resume to start one");
    assertThat(content()).isEmpty();
  }

  /** In the folder and in one of its checkpoints. */
  @ParameterizedTest
  @ValueSource(strings = {"thesis.txt", "checkpoint-2/thesis.txt", "deep/er/state.json"})
  void foreignFilesInARunAreNamedAndKept(String name) throws IOException {
    begin(NEW);
    Files.createDirectories(training.resolve(name).getParent());
    Files.writeString(training.resolve(name), "precious");
    refused(OVERWRITE, "was not made by a run and would be lost");
    assertThat(training.resolve(name)).hasContent("precious");
    assertThat(training.resolve("settings.json")).exists();
    begin(RESUME);
  }

  /** Whatever the options: nothing is deleted. */
  @ParameterizedTest
  @CsvSource({
    "thesis.txt, precious, holds files but no settings.json",
    "settings.json, {}, expected the settings of a run of mirror4j",
    "settings.json, '{\"theme\": \"dark\"}', expected the settings of a run of mirror4j",
    "settings.json, '{\"kind\": \"run of', not valid JSON",
  })
  void whatIsNoRunIsRefused(String name, String text, String message) throws IOException {
    Files.createDirectory(training);
    Files.writeString(training.resolve(name), text);
    Map<String, String> before = content();
    for (RunOptions options : List.of(NEW, RESUME, OVERWRITE)) {
      refused(options, message);
    }
    assertThat(content()).isEqualTo(before);
  }

  @Test
  void aFileInItsPlaceIsRefused() throws IOException {
    Files.writeString(training, "precious");
    for (RunOptions options : List.of(NEW, RESUME, OVERWRITE)) {
      refused(options, training + ": is a file, expected the folder of a run or nothing");
    }
  }

  @Test
  void anEmptyFolderCountsAsNone() throws IOException {
    Files.createDirectory(training);
    refused(RESUME, "no unfinished run to resume");
    begin(NEW);
  }

  /** Output and folder are locked under all names of the output. */
  @Test
  void theWholeRunIsLocked() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("out"));
    try (RunDirectory _ = RunDirectory.lock(output, NEW)) {
      for (Path other : List.of(output, link, training)) {
        Thread thread =
            new Thread(
                () ->
                    assertThatThrownBy(() -> RunDirectory.lock(other, NEW))
                        .isInstanceOf(FileException.class)
                        .hasMessageContaining("is being written by thread"));
        List<Throwable> failures = new java.util.concurrent.CopyOnWriteArrayList<>();
        thread.setUncaughtExceptionHandler((_, failure) -> failures.add(failure));
        thread.start();
        thread.join();
        assertThat(failures).isEmpty();
      }
    }
    Files.delete(link);
    assertThat(content()).isEmpty();
  }

  private void refused(RunOptions options, String message) {
    assertThatThrownBy(() -> RunDirectory.lock(output, options))
        .isInstanceOf(FileException.class)
        .hasMessageContaining(message);
  }

  private Map<String, String> content() throws IOException {
    Map<String, String> content = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.filter(path -> !path.equals(folder)).toList()) {
        content.put(path.toString(), Files.isRegularFile(path) ? Files.readString(path) : "");
      }
    }
    return content;
  }
}
