package org.mirror4j.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mirror4j.checkpoint.AtomicFiles;
import org.mirror4j.checkpoint.CheckpointException;

/**
 * The folder {@code OUTPUT.training} beside the output of a run: its settings, {@code train.jsonl}
 * and checkpoints. It is there from the first step until the output is written, so that a run that
 * was killed can go on.
 */
final class RunDirectory {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final ObjectMapper JSON_LINE = new ObjectMapper();

  private final Path path;

  private RunDirectory(Path path) {
    this.path = path;
  }

  /** Where the run of an output keeps its state. */
  static Path of(Path output) {
    Path absolute = output.toAbsolutePath().normalize();
    return absolute.resolveSibling(absolute.getFileName() + ".training");
  }

  /**
   * Makes the folder of a new run or opens that of an unfinished one.
   *
   * @param settings everything that the result depends on
   * @throws CheckpointException if there is an unfinished run and neither was asked for, if there
   *     is none to resume, or if its settings are others
   */
  static RunDirectory open(Path output, ObjectNode settings, RunOptions options) {
    Path path = of(output);
    Path settingsFile = path.resolve("settings.json");
    try {
      if (options.resume()) {
        if (!Files.exists(settingsFile)) {
          throw new CheckpointException(
              path + ": no unfinished run to resume; leave out --resume to start one");
        }
        requireSame(path, JSON.readTree(settingsFile.toFile()), JSON.valueToTree(settings));
        return new RunDirectory(path);
      }
      if (Files.exists(path)) {
        if (!options.overwrite()) {
          throw new CheckpointException(
              path
                  + ": an unfinished run is there; go on with --resume or drop it with"
                  + " --overwrite");
        }
        AtomicFiles.deleteTree(path);
      }
      Files.createDirectories(path);
      AtomicFiles.writeFile(settingsFile, JSON.writeValueAsBytes(settings));
      return new RunDirectory(path);
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": " + e.getMessage(), e);
    }
  }

  private static void requireSame(Path path, JsonNode stored, JsonNode asked) {
    // Compared as text: a number read back may have another node type.
    for (Map.Entry<String, JsonNode> field : asked.properties()) {
      String before = stored.path(field.getKey()).toString();
      if (!before.equals(field.getValue().toString())) {
        throw new CheckpointException(
            "%s: %s was %s in the unfinished run, now %s; use the same or --overwrite"
                .formatted(path, field.getKey(), before, field.getValue()));
      }
    }
  }

  /** The folder. */
  Path path() {
    return path;
  }

  /** One JSON object a step. */
  Path log() {
    return path.resolve("train.jsonl");
  }

  /**
   * Opens the log for appending, after cutting what an unfinished run wrote past its checkpoint.
   *
   * @param afterStep the last step that is kept
   */
  Log openLog(int afterStep) {
    try {
      List<String> kept = new ArrayList<>();
      if (Files.exists(log())) {
        for (String line : Files.readAllLines(log(), StandardCharsets.UTF_8)) {
          // The last line may have been cut by a kill.
          if (kept.size() < afterStep && JSON_LINE.readTree(line).path("step").asInt() >= 1) {
            kept.add(line);
          }
        }
      }
      StringBuilder text = new StringBuilder();
      kept.forEach(line -> text.append(line).append('\n'));
      AtomicFiles.writeFile(log(), text.toString().getBytes(StandardCharsets.UTF_8));
      return new Log(
          Files.newBufferedWriter(log(), StandardCharsets.UTF_8, StandardOpenOption.APPEND));
    } catch (IOException e) {
      throw new UncheckedIOException(log() + ": " + e.getMessage(), e);
    }
  }

  /** Removes the folder. */
  void delete() {
    try {
      AtomicFiles.deleteTree(path);
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": " + e.getMessage(), e);
    }
  }

  /** {@code train.jsonl}, a line at a time. */
  static final class Log implements AutoCloseable {
    private final BufferedWriter writer;

    private Log(BufferedWriter writer) {
      this.writer = writer;
    }

    void append(StepRecord step) {
      try {
        writer.write(JSON_LINE.writeValueAsString(step.toJson()));
        writer.newLine();
        writer.flush();
      } catch (IOException e) {
        throw new UncheckedIOException("train.jsonl: " + e.getMessage(), e);
      }
    }

    @Override
    public void close() {
      try {
        writer.close();
      } catch (IOException e) {
        throw new UncheckedIOException("train.jsonl: " + e.getMessage(), e);
      }
    }
  }
}
