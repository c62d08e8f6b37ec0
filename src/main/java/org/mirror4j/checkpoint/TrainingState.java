package org.mirror4j.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;
import org.mirror4j.file.FileHash;
import org.mirror4j.file.JsonFields;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.ParameterTable;

/**
 * All that is needed to go on with a training run as if it had not been stopped. It is stored as a
 * directory {@code checkpoint-STEP} that appears whole or not at all, with {@code
 * model.safetensors} (weights), {@code state.safetensors} (first and second moments, named as the
 * weights with {@code first_moment.} or {@code second_moment.} before; not where parameters alone
 * are kept) and {@code state.json} (the components of this record, the digests of the other files,
 * and one of itself: what has been changed since is refused by name). Values are f32, so that they
 * come back bit for bit; they are stored by parameter, so that nothing depends on where each lies
 * in memory, nor on how many optimisers there are: the parameters of all stand side by side in both
 * files.
 *
 * <p>The directory of the checkpoints is held by the {@link org.mirror4j.file.OutputLock} of
 * whoever calls this. What is not yet or no longer a checkpoint is {@code .checkpoint-STEP.tmp} or
 * {@code .checkpoint-STEP.old} in it.
 *
 * @param step optimiser steps done
 * @param epoch passes over the data done
 * @param dataHash digest of the training data
 * @param versions by name: of mirror4j, of the runtime
 * @param settings the resolved settings of the run, free in form
 * @param progress what else changes during a run, such as the loss scale; free in form
 */
public record TrainingState(
    long step,
    int epoch,
    String dataHash,
    SortedMap<String, String> versions,
    ObjectNode settings,
    ObjectNode progress) {
  private static final int FORMAT = 2;
  private static final String PREFIX = "checkpoint-";
  private static final Pattern NAME = Pattern.compile(PREFIX + "([1-9][0-9]{0,9})");
  private static final Pattern LEFT_OVER =
      Pattern.compile("\\.(" + NAME.pattern() + ")\\.(tmp|old)");
  private static final String WEIGHTS = "model.safetensors";
  private static final String MOMENTS = "state.safetensors";
  private static final String STATE = "state.json";
  private static final Set<String> FILES = Set.of(WEIGHTS, MOMENTS, STATE);
  private static final String FIRST = "first_moment.";
  private static final String SECOND = "second_moment.";
  private static final String DIGEST = "sha256";

  /**
   * Flat buffers in host memory, f32 and laid out alike.
   *
   * @param table where each parameter lies in each of them
   * @param firstMoments null, as the second ones, where parameters alone are stored or wanted
   */
  public record Buffers(
      ParameterTable table,
      MemorySegment parameters,
      MemorySegment firstMoments,
      MemorySegment secondMoments) {
    /** Parameters alone, from which a run cannot go on. */
    public static Buffers ofParameters(ParameterTable table, MemorySegment parameters) {
      return new Buffers(table, parameters, null, null);
    }
  }

  /**
   * Stores this state and the buffers as {@code checkpoint-STEP}, then deletes every other
   * checkpoint in the directory.
   *
   * @param directory made if absent
   * @param buffers of all that is trained; no two parameters have one name
   * @return the new checkpoint
   * @throws FileException if writing fails; the checkpoints that were there remain
   */
  public Path write(Path directory, List<Buffers> buffers) {
    return write(directory, buffers, 0);
  }

  /**
   * The same, but for one other checkpoint, which stays.
   *
   * @param kept its step; it need not be there
   */
  public Path write(Path directory, List<Buffers> buffers, long kept) {
    Path checkpoint = directory.resolve(PREFIX + step);
    AtomicFiles.Names names = names(checkpoint);
    try {
      Files.createDirectories(directory);
      AtomicFiles.writeNew(names, path -> writeFiles(path, buffers));
      AtomicFiles.place(names, true, reached -> {});
      for (Path other : checkpoints(directory)) {
        if (stepOf(other) != step && stepOf(other) != kept) {
          discard(other);
        }
      }
    } catch (IOException e) {
      throw FileException.of(checkpoint + ": cannot be written", e);
    }
    return checkpoint;
  }

  /**
   * The newest checkpoint in a directory that is not of a later step; those that are are deleted.
   *
   * @param step the last step that counts
   * @return empty if there is none, or no such directory
   * @throws FileException if one cannot be deleted
   */
  public static Optional<Path> latestUpTo(Path directory, long step) {
    Optional<Path> latest = latest(directory);
    while (latest.isPresent() && stepOf(latest.get()) > step) {
      try {
        discard(latest.get());
      } catch (IOException e) {
        throw FileException.of(latest.get() + ": cannot be deleted", e);
      }
      latest = latest(directory);
    }
    return latest;
  }

  private void writeFiles(Path path, List<Buffers> buffers) throws IOException {
    List<TensorEntry> weights = new ArrayList<>();
    List<TensorEntry> moments = new ArrayList<>();
    for (Buffers part : buffers) {
      for (ParameterTable.Entry parameter : part.table().entries()) {
        weights.add(entry("", parameter, part.parameters()));
        if (part.firstMoments() != null) {
          moments.add(entry(FIRST, parameter, part.firstMoments()));
          moments.add(entry(SECOND, parameter, part.secondMoments()));
        }
      }
    }
    ObjectNode json = toJson();
    ObjectNode files = json.putObject("files");
    files.put(WEIGHTS, written(path.resolve(WEIGHTS), weights));
    if (!moments.isEmpty()) {
      files.put(MOMENTS, written(path.resolve(MOMENTS), moments));
    }
    json.put(DIGEST, digest(json));
    Files.write(path.resolve(STATE), JsonFiles.bytes(json));
  }

  private static TensorEntry entry(
      String prefix, ParameterTable.Entry parameter, MemorySegment flat) {
    return new TensorEntry(
        prefix + parameter.name(), DType.F32, parameter.shape(), in(flat, parameter));
  }

  private static MemorySegment in(MemorySegment flat, ParameterTable.Entry parameter) {
    return flat.asSlice(4 * parameter.offset(), 4 * parameter.shape().size());
  }

  /** The digest of a new file. */
  private static String written(Path file, List<TensorEntry> tensors) throws IOException {
    SafeTensorsWriter.write(file, Map.of("format", "pt"), tensors);
    return FileHash.of(file);
  }

  /** Of the state without its own digest. */
  private static String digest(ObjectNode json) {
    ObjectNode content = json.deepCopy();
    content.remove(DIGEST);
    MessageDigest digest = FileHash.sha256();
    digest.update(JsonFiles.compactBytes(content));
    return FileHash.hex(digest);
  }

  private ObjectNode toJson() {
    ObjectNode json = JsonFiles.object();
    json.put("format", FORMAT).put("step", step).put("epoch", epoch).put("data_hash", dataHash);
    ObjectNode versionNode = json.putObject("versions");
    versions.forEach(versionNode::put);
    json.set("settings", settings);
    json.set("progress", progress);
    return json;
  }

  /**
   * The newest checkpoint in a directory. What a stopped {@link #write} has left there is cleared
   * up first.
   *
   * @return empty if there is none, or no such directory
   * @throws FileException if the directory cannot be read
   */
  public static Optional<Path> latest(Path directory) {
    if (!Files.isDirectory(directory)) {
      return Optional.empty();
    }
    try {
      recover(directory);
      return checkpoints(directory).stream().max(Comparator.comparingLong(TrainingState::stepOf));
    } catch (IOException e) {
      throw FileException.of(directory + ": cannot be read", e);
    }
  }

  /**
   * Whether {@link #write} makes a file of that name, be it on the way.
   *
   * @param path relative to the directory of the checkpoints
   */
  public static boolean writes(Path path) {
    String first = path.getName(0).toString();
    return (NAME.matcher(first).matches() || LEFT_OVER.matcher(first).matches())
        && (path.getNameCount() == 1
            || path.getNameCount() == 2 && FILES.contains(path.getName(1).toString()));
  }

  /**
   * Reads {@code state.json} of a checkpoint, and all of the other files for their digests.
   *
   * @throws FileException if a file is absent, malformed or not as it was written, or if the step
   *     is not that of the directory's name
   */
  public static TrainingState read(Path checkpoint) {
    Path file = checkpoint.resolve(STATE);
    JsonFields fields = new JsonFields(JsonFiles.readObject(file), file.toString());
    if (fields.integer("format") != FORMAT) {
      throw new FileException(
          "%s: 'format' is %d, expected %d: written by another version of mirror4j"
              .formatted(file, fields.integer("format"), FORMAT));
    }
    fields.allow(
        "format",
        "step",
        "epoch",
        "data_hash",
        "versions",
        "settings",
        "progress",
        "files",
        DIGEST);
    requireUnchanged(checkpoint, fields);
    return new TrainingState(
        fields.longInteger("step"),
        fields.integer("epoch"),
        fields.string("data_hash"),
        fields.strings("versions"),
        fields.object("settings"),
        fields.object("progress"));
  }

  private static void requireUnchanged(Path checkpoint, JsonFields fields) {
    String changed = "%s: has changed since it was written: its digest is another one";
    if (!fields.string(DIGEST).equals(digest(fields.json()))) {
      throw new FileException(changed.formatted(checkpoint.resolve(STATE)));
    }
    if (!checkpoint.getFileName().toString().equals(PREFIX + fields.longInteger("step"))) {
      throw new FileException(
          "%s: holds step %d, expected that of its name"
              .formatted(checkpoint, fields.longInteger("step")));
    }
    SortedMap<String, String> files = fields.strings("files");
    for (String name : files.containsKey(MOMENTS) ? List.of(WEIGHTS, MOMENTS) : List.of(WEIGHTS)) {
      Path file = checkpoint.resolve(name);
      if (!Files.isRegularFile(file)) {
        throw new FileException(file + ": no such file, expected a part of the checkpoint");
      }
      if (!FileHash.of(file).equals(files.get(name))) {
        throw new FileException(changed.formatted(file));
      }
    }
  }

  /**
   * Reads the buffers of a checkpoint. Elements between parameters are left as they are.
   *
   * @param buffers of all that is trained, overwritten
   * @throws FileException if a parameter is missing, of another shape, or in no table; the message
   *     names the first of them
   */
  public static void readBuffers(Path checkpoint, List<Buffers> buffers) {
    List<ParameterTable.Entry> table =
        buffers.stream().flatMap(part -> part.table().entries().stream()).toList();
    boolean withMoments = buffers.stream().allMatch(part -> part.firstMoments() != null);
    try (SafeTensors weights = SafeTensors.open(checkpoint.resolve(WEIGHTS));
        SafeTensors moments = withMoments ? SafeTensors.open(checkpoint.resolve(MOMENTS)) : null) {
      List<String> problems = new ArrayList<>();
      compare(weights, "", table, problems);
      if (withMoments) {
        compare(moments, FIRST, table, problems);
        compare(moments, SECOND, table, problems);
      }
      if (!problems.isEmpty()) {
        throw new FileException(
            checkpoint + ": does not fit the model: " + FileException.some("; ", problems));
      }
      for (Buffers part : buffers) {
        for (ParameterTable.Entry parameter : part.table().entries()) {
          String name = parameter.name();
          weights.readFloats(name, in(part.parameters(), parameter));
          if (withMoments) {
            moments.readFloats(FIRST + name, in(part.firstMoments(), parameter));
            moments.readFloats(SECOND + name, in(part.secondMoments(), parameter));
          }
        }
      }
    }
  }

  private static void compare(
      SafeTensors file, String prefix, List<ParameterTable.Entry> table, List<String> problems) {
    Set<String> unknown = new HashSet<>();
    file.names().stream().filter(name -> name.startsWith(prefix)).forEach(unknown::add);
    for (ParameterTable.Entry parameter : table) {
      String name = prefix + parameter.name();
      if (!unknown.remove(name)) {
        problems.add(name + " is missing, expected " + parameter.shape());
      } else if (!file.shape(name).equals(parameter.shape())) {
        problems.add(name + " is " + file.shape(name) + ", expected " + parameter.shape());
      }
    }
    unknown.stream()
        .sorted()
        .forEach(name -> problems.add(FileException.quote(name) + " is unknown"));
  }

  private static void recover(Path directory) throws IOException {
    Set<String> stopped = new HashSet<>();
    try (DirectoryStream<Path> content = Files.newDirectoryStream(directory)) {
      for (Path path : content) {
        Matcher leftOver = LEFT_OVER.matcher(path.getFileName().toString());
        if (leftOver.matches()) {
          stopped.add(leftOver.group(1));
        }
      }
    }
    for (String name : stopped) {
      AtomicFiles.recover(names(directory.resolve(name)));
    }
  }

  private static AtomicFiles.Names names(Path checkpoint) {
    return new AtomicFiles.Names(
        checkpoint,
        AtomicFiles.temporaryIn(checkpoint),
        checkpoint.resolveSibling("." + checkpoint.getFileName() + ".old"));
  }

  /** Deletes a checkpoint so that a stop halfway leaves rubbish of it, never a part. */
  private static void discard(Path checkpoint) throws IOException {
    Path rubbish = AtomicFiles.temporaryIn(checkpoint);
    Files.move(checkpoint, rubbish, StandardCopyOption.ATOMIC_MOVE);
    AtomicFiles.deleteTree(rubbish);
  }

  private static List<Path> checkpoints(Path directory) throws IOException {
    List<Path> checkpoints = new ArrayList<>();
    try (DirectoryStream<Path> content = Files.newDirectoryStream(directory)) {
      for (Path path : content) {
        if (Files.isDirectory(path) && NAME.matcher(path.getFileName().toString()).matches()) {
          checkpoints.add(path);
        }
      }
    }
    return checkpoints;
  }

  private static long stepOf(Path checkpoint) {
    return Long.parseLong(checkpoint.getFileName().toString().substring(PREFIX.length()));
  }
}
