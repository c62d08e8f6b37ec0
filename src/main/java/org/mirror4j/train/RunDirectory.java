package org.mirror4j.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.ModelOutput;
import org.mirror4j.checkpoint.TrainingState;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.OutputLock;
import org.mirror4j.file.OutputPath;

/**
 * The folder {@code OUTPUT.training} beside the output of a run: its settings, {@code train.jsonl}
 * and checkpoints. It is there from the first step until the output is whole and on disk, so that a
 * run that was stopped can go on. Output and folder are locked for as long as this is open.
 *
 * <p>A run that was killed between the output and the removal of the folder is known by its log:
 * the output holds the same, with the same times. Nothing is left to do then but the removal.
 */
final class RunDirectory implements AutoCloseable {
  private static final String SETTINGS = "settings.json";
  private static final Set<String> FILES =
      Set.of(SETTINGS, StepLog.NAME, "." + SETTINGS + ".tmp", "." + StepLog.NAME + ".tmp");
  private static final String BEST = "best";
  private static final String KIND = "run of mirror4j";

  private final Path output;
  private final Path path;
  private final RunOptions options;
  private OutputLock outputLock;
  private OutputLock pathLock;

  private RunDirectory(Path output, RunOptions options) throws IOException {
    Path real = OutputPath.real(output);
    this.output = output;
    this.options = options;
    path = real.resolveSibling(real.getFileName() + ".training");
  }

  /** Whether an unfinished run of an output is there. */
  static boolean isThere(Path output) {
    try {
      return Files.exists(new RunDirectory(output, null).path.resolve(SETTINGS));
    } catch (IOException e) {
      throw FileException.of(output + ": cannot be read", e);
    }
  }

  /**
   * Locks an output and the folder of its run. Nothing else is changed yet.
   *
   * @throws FileException if another process has them, or if what is there cannot be gone on with
   *     or replaced as the options say; nothing has changed then
   */
  static RunDirectory lock(Path output, RunOptions options) {
    try {
      RunDirectory directory = new RunDirectory(output, options);
      directory.requireEventsApart();
      directory.check();
      try {
        directory.outputLock = OutputLock.of(output);
        directory.pathLock = OutputLock.of(directory.path);
        directory.check();
      } catch (RuntimeException e) {
        directory.close();
        throw e;
      }
      return directory;
    } catch (IOException e) {
      throw FileException.of(output + ": cannot be read", e);
    }
  }

  /**
   * The output appears as a whole when all is done, and nothing foreign may be in its folder. What
   * is no folder is found before hours are spent.
   */
  private void requireEventsApart() throws IOException {
    if (options.tensorBoard().isPresent()) {
      Path folder = options.tensorBoard().get();
      Path real = OutputPath.real(folder);
      if (real.startsWith(OutputPath.real(output)) || real.startsWith(path)) {
        throw new FileException(
            "%s: lies in the output %s, expected another folder for --tensorboard"
                .formatted(folder, output));
      }
      Path there = real;
      while (!Files.exists(there)) {
        there = there.getParent();
      }
      if (!Files.isDirectory(there) || !Files.isWritable(there)) {
        throw new FileException(
            "%s: %s is no folder that can be written to, expected another for --tensorboard"
                .formatted(folder, there));
      }
    }
  }

  private void check() throws IOException {
    Optional<Stored> stored = stored();
    if (stored.isPresent() && options.overwrite()) {
      requireOwn();
    }
    if (stored.isEmpty() && options.resume()) {
      if (made().isEmpty()) {
        throw new FileException(
            path + ": no unfinished run to resume; leave out --resume to start one");
      }
      return;
    }
    if (stored.isPresent() && !options.overwrite() && isWritten(stored.get())) {
      return;
    }
    if (stored.isPresent() && !options.overwrite() && !options.resume()) {
      throw new FileException(
          path
              + ": an unfinished run is there; go on with --resume or drop it with"
              + " --overwrite");
    }
    ModelOutput.checkReplaceable(output, replaces(stored));
  }

  /**
   * What {@code settings.json} holds.
   *
   * @param overwrite whether the run was begun to replace the output that was there
   */
  private record Stored(boolean overwrite, ObjectNode settings) {
    byte[] bytes() {
      ObjectNode json = JsonFiles.object().put("kind", KIND).put("overwrite", overwrite);
      json.set("settings", settings);
      return JsonFiles.bytes(json);
    }
  }

  /** Empty if there is no folder or an empty one. */
  private Optional<Stored> stored() throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    if (!Files.isDirectory(path)) {
      throw new FileException(path + ": is a file, expected the folder of a run or nothing");
    }
    Path file = path.resolve(SETTINGS);
    if (!Files.exists(file)) {
      try (Stream<Path> content = Files.list(path)) {
        if (content.findAny().isEmpty()) {
          return Optional.empty();
        }
      }
      throw new FileException(
          path + ": holds files but no settings.json, expected the folder of a run or nothing");
    }
    ObjectNode json = JsonFiles.readObject(file);
    if (!json.path("kind").asText().equals(KIND)
        || !json.path("overwrite").isBoolean()
        || !(json.get("settings") instanceof ObjectNode settings)) {
      throw new FileException(file + ": expected the settings of a run of mirror4j");
    }
    return Optional.of(new Stored(json.path("overwrite").booleanValue(), settings));
  }

  private boolean replaces(Optional<Stored> stored) {
    return options.overwrite() || options.resume() && stored.map(Stored::overwrite).orElse(false);
  }

  /** The settings of the run that made the output, if there is one that a run made. */
  private Optional<ObjectNode> made() {
    if (!Files.isRegularFile(output.resolve("mirror4j.json"))
        || !Files.isRegularFile(output.resolve(StepLog.NAME))) {
      return Optional.empty();
    }
    return ModelDirectory.open(output).settings().run();
  }

  private boolean isWritten(Stored stored) throws IOException {
    return Files.isRegularFile(log())
        && Files.size(log()) > 0
        && made()
            .map(made -> RunSettings.differing(made, stored.settings()).isEmpty())
            .orElse(false)
        && Files.mismatch(log(), output.resolve(StepLog.NAME)) == -1;
  }

  /**
   * Whether the output of a run with these settings is there already, so that there is nothing to
   * do; the folder is gone then. Otherwise nothing has changed, and {@link #begin} may be called.
   *
   * @param settings everything that the result depends on
   * @throws FileException if the settings are not those of the unfinished run
   */
  boolean isDone(ObjectNode settings) {
    try {
      Optional<Stored> stored = stored();
      if (options.overwrite() || stored.isEmpty() && !options.resume()) {
        return false;
      }
      if (stored.isEmpty()) {
        RunSettings.requireSame(output, made().orElseThrow(), settings, "in the run that made it");
        return true;
      }
      if (isWritten(stored.get())) {
        RunSettings.requireSame(path, stored.get().settings(), settings, "in the finished run");
        delete();
        return true;
      }
      RunSettings.requireSameRun(path, stored.get().settings(), settings);
      return false;
    } catch (IOException e) {
      throw FileException.of(path, e);
    }
  }

  /**
   * Makes the folder of a new run or opens that of an unfinished one, whose number of steps may be
   * changed: what is done stays as it is, and the learning rate follows the new number from there.
   *
   * @param settings of a run that {@link #isDone} has found neither done nor another one
   */
  void begin(ObjectNode settings) {
    try {
      Optional<Stored> stored = stored();
      Stored now = new Stored(replaces(stored), settings);
      if (stored.isPresent() && !options.overwrite()) {
        AtomicFiles.writeInLocked(path.resolve(SETTINGS), now.bytes());
        return;
      }
      if (stored.isPresent()) {
        delete();
      }
      AtomicFiles.writeDirectory(
          path, false, folder -> Files.write(folder.resolve(SETTINGS), now.bytes()));
    } catch (IOException e) {
      throw FileException.of(path, e);
    }
  }

  /** The folder. */
  Path path() {
    return path;
  }

  /** One JSON object a step. */
  Path log() {
    return path.resolve(StepLog.NAME);
  }

  /** A checkpoint of the step that did best on held-out data, where that is kept. */
  Path best() {
    return path.resolve(BEST);
  }

  /** Whether the run may replace an output that is there. */
  boolean replacesOutput() throws IOException {
    return replaces(stored());
  }

  /** What is to be said to go on with this run. */
  String resuming() {
    return options.overwrite()
        ? "the same command with --resume in place of --overwrite"
        : "the same command with --resume";
  }

  /**
   * Removes the folder.
   *
   * @throws FileException if a file is in it that no run has made; nothing is removed then
   */
  void delete() {
    try {
      requireOwn();
      pathLock.discard();
    } catch (IOException e) {
      throw FileException.of(path, e);
    }
  }

  /** Removes the output and the folder, where they are there; what they hold has been checked. */
  void discard() {
    try {
      for (OutputLock each : List.of(pathLock, outputLock)) {
        if (Files.exists(each.target())) {
          each.discard();
        }
      }
    } catch (IOException e) {
      throw FileException.of(output, e);
    }
  }

  private void requireOwn() throws IOException {
    try (Stream<Path> all = Files.walk(path)) {
      List<Path> foreign =
          all.filter(file -> !file.equals(path))
              .map(path::relativize)
              .filter(file -> !FILES.contains(file.toString()) && !isOfCheckpoint(file))
              .sorted()
              .toList();
      if (!foreign.isEmpty()) {
        throw new FileException(
            "%s: %s was not made by a run and would be lost%s; move it away first"
                .formatted(
                    path,
                    FileException.quote(foreign.getFirst().toString()),
                    foreign.size() == 1 ? "" : " (and %d more)".formatted(foreign.size() - 1)));
      }
    }
  }

  private static boolean isOfCheckpoint(Path file) {
    if (!file.startsWith(BEST)) {
      return TrainingState.writes(file);
    }
    return file.getNameCount() == 1 || TrainingState.writes(file.subpath(1, file.getNameCount()));
  }

  @Override
  public void close() {
    try (OutputLock _ = outputLock;
        OutputLock _ = pathLock) {
      // Both are given back, the folder's first.
    }
  }
}
