package org.mirror4j.checkpoint;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.OutputLock;

/**
 * Writes model directories, each whole or not at all, in place of nothing that is not a model. What
 * reads them is {@link ModelDirectory}.
 */
public final class ModelOutput {
  private ModelOutput() {}

  /**
   * Writes a directory that appears whole or not at all.
   *
   * @param replace whether a model directory that is there is replaced, with all that is in it
   * @throws FileException if something is there that may not be replaced: a file, a directory that
   *     is not empty when {@code replace} is false, one that is no model or holds a file that is
   *     none of a model; or if another process or thread is writing it
   * @throws FileException if writing fails; nothing has changed then
   */
  public static void write(Path target, ModelContents contents, boolean replace) {
    try {
      AtomicFiles.writeDirectory(
          target,
          replace,
          path -> checkReplaceable(path, replace),
          directory -> {
            contents.model().write(directory);
            writeSettings(directory, contents);
            contents.files().write(directory);
          });
    } catch (IOException e) {
      throw FileException.of(target + ": cannot be written", e);
    }
  }

  /**
   * Fails if {@link #write} would refuse the target: for finding out before hours of work. Changes
   * nothing.
   *
   * @throws FileException as {@link #write}
   */
  public static void checkReplaceable(Path target, boolean replace) {
    try {
      AtomicFiles.checkFree(target, replace);
      // Replacing deletes; a mistyped path must not cost anyone their files.
      if (replace && Files.isDirectory(target) && !AtomicFiles.isEmpty(target)) {
        ModelFiles.requireModel(target);
      }
    } catch (IOException e) {
      throw FileException.of(target + ": cannot be read", e);
    }
  }

  /**
   * Writes a copy of a model directory that this process has made, whole or not at all.
   *
   * @throws FileException as {@link #write}
   * @throws FileException if a file cannot be copied; nothing has changed then
   */
  public static void copy(Path from, Path target, boolean replace) {
    try (Stream<Path> files = Files.walk(from)) {
      List<Path> all = files.filter(path -> !path.equals(from)).toList();
      AtomicFiles.writeDirectory(
          target,
          replace,
          path -> checkReplaceable(path, replace),
          directory -> {
            for (Path path : all) {
              Files.copy(path, directory.resolve(from.relativize(path)));
            }
          });
    } catch (IOException e) {
      throw FileException.of(target + ": cannot be written", e);
    }
  }

  /**
   * Locks a target before the work that ends in {@link #write}, so that no two do it in vain.
   *
   * @throws FileException as {@link #write}; nothing has changed then
   */
  public static OutputLock lock(Path target, boolean replace) {
    checkReplaceable(target, replace);
    OutputLock lock = OutputLock.of(target);
    try {
      checkReplaceable(target, replace);
      return lock;
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** What says how texts become vectors, with the modules that do. */
  private static void writeSettings(Path directory, ModelContents contents) throws IOException {
    ModelSettings settings = contents.settings();
    ObjectNode config = contents.config();
    List<DenseModule> dense = contents.dense();
    boolean layers =
        settings.isInLibrary() && LayerPooling.takesLayers(settings.pooling().get(), config);
    List<String> folders =
        IntStream.range(0, dense.size())
            .mapToObj(index -> SentenceModules.denseFolder(layers, index))
            .toList();
    ObjectNode own = settings.toJson();
    if (!settings.isInLibrary() && !folders.isEmpty()) {
      ArrayNode names = own.putArray(ModelSettings.DENSE);
      folders.forEach(names::add);
    }
    Files.write(directory.resolve(ModelDirectory.SETTINGS), JsonFiles.bytes(own));
    SentenceTransformersFiles.write(directory, settings, config, dense.size());
    if (layers) {
      giveHiddenStates(directory.resolve(ModelDirectory.CONFIG));
    }
    for (int i = 0; i < dense.size(); i++) {
      Path folder = directory.resolve(folders.get(i));
      Files.createDirectories(folder);
      dense.get(i).write(folder);
    }
    int width =
        dense.isEmpty() ? config.path("hidden_size").asInt() : dense.getLast().outFeatures();
    Files.write(directory.resolve("README.md"), new ModelCard(settings, config, width).bytes());
  }

  /** The other libraries keep the layers' outputs only where the configuration asks for them. */
  private static void giveHiddenStates(Path file) throws IOException {
    ObjectNode config = JsonFiles.readObject(file);
    if (!config.path(LayerPooling.HIDDEN_STATES).asBoolean()) {
      Files.write(file, JsonFiles.bytes(config.put(LayerPooling.HIDDEN_STATES, true)));
    }
  }
}
