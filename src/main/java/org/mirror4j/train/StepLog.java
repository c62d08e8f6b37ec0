package org.mirror4j.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;

/** {@code train.jsonl}: one JSON object a step. */
final class StepLog implements AutoCloseable {
  /** Its name in the folder of a run and in the output. */
  static final String NAME = "train.jsonl";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path path;
  private final FileChannel channel;
  private final int lost;

  private StepLog(Path path, int lost) throws IOException {
    this.path = path;
    this.lost = lost;
    channel = FileChannel.open(path, StandardOpenOption.APPEND);
  }

  /**
   * Opens a log for appending, after cutting what an unfinished run wrote past its checkpoint. A
   * checkpoint is written after the log has been forced to disk, so the log has a line for each
   * step before it; where a failing disk has lost some all the same, the lines that can be read are
   * kept and the run goes on without the others: its result does not depend on them.
   *
   * @param path in a directory that this thread has locked
   * @param afterStep the last step that is kept
   */
  static StepLog open(Path path, int afterStep) {
    try {
      StringBuilder kept = new StringBuilder();
      int last = 0;
      int steps = 0;
      for (String line : Files.exists(path) ? lines(path) : List.<String>of()) {
        int step = step(line);
        if (step > last && step <= afterStep) {
          kept.append(line).append('\n');
          last = step;
          steps++;
        }
      }
      AtomicFiles.writeInLocked(path, kept.toString().getBytes(StandardCharsets.UTF_8));
      return new StepLog(path, afterStep - steps);
    } catch (IOException e) {
      throw FileException.of(path, e);
    }
  }

  /** Lines of a file that may hold anything after a loss of power. */
  static List<String> lines(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
  }

  /** The step of a line of the log, 0 for a line that is cut or none of it. */
  private static int step(String line) {
    try {
      return JSON.readTree(line).path("step").asInt();
    } catch (JsonProcessingException e) {
      return 0;
    }
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
              (JSON.writeValueAsString(step.toJson()) + "\n").getBytes(StandardCharsets.UTF_8));
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

  private FileException failure(IOException e) {
    return FileException.of(path, e);
  }
}
