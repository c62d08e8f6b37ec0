package org.mirror4j.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
   * Makes the folder of a new run or opens that of an unfinished one, whose number of steps may be
   * changed: what is done stays as it is, and the learning rate follows the new number from there.
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
        AtomicFiles.writeFile(settingsFile, JSON.writeValueAsBytes(settings));
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
      if (before.equals(field.getValue().toString()) || field.getKey().equals("steps")) {
        continue; // a run may be cut short or go on for longer than was first meant
      }
      if (field.getKey().equals("dataHash")) {
        // The name of the corpus was compared before: the same name holds another text.
        throw new CheckpointException(
            "%s: the corpus %s has changed since the unfinished run began; put the old text back or"
                    .formatted(path, asked.path("corpus"))
                + " use --overwrite");
      }
      throw new CheckpointException(
          "%s: %s was %s in the unfinished run, now %s; use the same or --overwrite"
              .formatted(path, field.getKey(), before, field.getValue()));
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
   * Opens the log for appending, after cutting what an unfinished run wrote past its checkpoint. A
   * checkpoint is written after the log has been forced to disk, so the log has a line for each
   * step before it; where a failing disk has lost some all the same, the lines that can be read are
   * kept and the run goes on without the others: its result does not depend on them.
   *
   * @param afterStep the last step that is kept
   */
  Log openLog(int afterStep) {
    try {
      StringBuilder kept = new StringBuilder();
      int last = 0;
      int steps = 0;
      for (String line : Files.exists(log()) ? lines(log()) : List.<String>of()) {
        int step = step(line);
        if (step > last && step <= afterStep) {
          kept.append(line).append('\n');
          last = step;
          steps++;
        }
      }
      AtomicFiles.writeFile(log(), kept.toString().getBytes(StandardCharsets.UTF_8));
      return new Log(log(), afterStep - steps);
    } catch (IOException e) {
      throw new UncheckedIOException(log() + ": " + e.getMessage(), e);
    }
  }

  /** Lines of a file that may hold anything after a loss of power. */
  private static List<String> lines(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
  }

  /** The step of a line of the log, 0 for a line that is cut or none of it. */
  private static int step(String line) {
    try {
      return JSON_LINE.readTree(line).path("step").asInt();
    } catch (JsonProcessingException e) {
      return 0;
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
    private final Path path;
    private final FileChannel channel;
    private final int lost;

    private Log(Path path, int lost) throws IOException {
      this.path = path;
      this.lost = lost;
      channel = FileChannel.open(path, StandardOpenOption.APPEND);
    }

    /** Steps before the first new one whose lines were lost. */
    int lost() {
      return lost;
    }

    /** Appends a line, which outlives this process. */
    void append(StepRecord step) {
      try {
        ByteBuffer line =
            ByteBuffer.wrap(
                (JSON_LINE.writeValueAsString(step.toJson()) + "\n")
                    .getBytes(StandardCharsets.UTF_8));
        while (line.hasRemaining()) {
          channel.write(line);
        }
      } catch (IOException e) {
        throw failure(e);
      }
    }

    /** Forces the lines to disk, so that they outlive a loss of power. */
    void force() {
      try {
        channel.force(true);
      } catch (IOException e) {
        throw failure(e);
      }
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw failure(e);
      }
    }

    private UncheckedIOException failure(IOException e) {
      return new UncheckedIOException(path + ": " + e.getMessage(), e);
    }
  }
}
