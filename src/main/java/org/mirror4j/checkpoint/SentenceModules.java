package org.mirror4j.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFields;
import org.mirror4j.file.JsonFiles;

/**
 * The modules of a model of sentence-transformers, as {@code modules.json} lists them: a
 * Transformer, perhaps a WeightedLayerPooling, a Pooling, perhaps some Dense and perhaps a
 * Normalize, in this order, each with a folder of its own.
 *
 * @param transformer folder of configuration, weights and tokenizer
 * @param layers folder of the WeightedLayerPooling, see {@link LayerPooling}
 * @param pooling folder of the pooling's configuration, empty where nothing says a pooling
 * @param dense folders of the Dense modules
 * @param normalize whether the pooled vector is divided by its length
 */
record SentenceModules(
    Path transformer,
    Optional<Path> layers,
    Optional<Path> pooling,
    List<Path> dense,
    boolean normalize) {
  private static final String FILE = "modules.json";
  private static final String CONFIG = "config.json";

  /** What is written: the names that every version of the library reads. */
  private static final String PACKAGE = "sentence_transformers.models.";

  private static final String POOLING_FOLDER = "1_Pooling";

  private static final String EMBEDDING = "sentence_embedding";

  /** Where versions of the library have had the classes of modules. */
  private static final List<String> PACKAGES =
      List.of(
          PACKAGE,
          "sentence_transformers.base.modules.",
          "sentence_transformers.sentence_transformer.modules.");

  /** Until version 1.0 the Transformer had a second name for each architecture. */
  private static final Set<String> TRANSFORMERS =
      Set.of("Transformer", "BERT", "RoBERTa", "XLMRoBERTa", "CamemBERT");

  private static final String TRANSFORMER = "Transformer";
  private static final String LAYERS = "WeightedLayerPooling";
  private static final String POOLING = "Pooling";
  private static final String DENSE = "Dense";
  private static final String NORMALIZE = "Normalize";

  /**
   * The modules of a model directory. Without {@code modules.json} it is one Transformer, and
   * {@code 1_Pooling} is a pooling where it is there.
   *
   * @throws FileException if the file is malformed, names a module that cannot be computed, or a
   *     folder outside the directory
   */
  static SentenceModules read(Path directory) {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      Path pooling = directory.resolve(POOLING_FOLDER);
      boolean there = Files.exists(pooling.resolve(CONFIG));
      return new SentenceModules(
          directory,
          Optional.empty(),
          there ? Optional.of(pooling) : Optional.empty(),
          List.of(),
          false);
    }
    if (!(JsonFiles.read(file) instanceof ArrayNode modules)) {
      throw new FileException(file + ": expected a JSON array of modules");
    }
    List<String> kinds = new ArrayList<>();
    List<Path> folders = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (JsonNode module : modules) {
      if (!(module instanceof ObjectNode object)) {
        throw new FileException("%s: module %d is no object".formatted(file, kinds.size()));
      }
      JsonFields fields = new JsonFields(object, file + ": module " + kinds.size());
      kinds.add(kind(file, fields.string("type")));
      checkPlace(fields, folders.size());
      if (!names.add(fields.string("name"))) {
        throw new FileException(
            "%s: two modules have the name %s, expected names of their own"
                .formatted(file, FileException.quote(fields.string("name"))));
      }
      folders.add(folder(directory, file, fields.string("path")));
    }
    boolean layers = kinds.contains(LAYERS);
    boolean normalize = kinds.contains(NORMALIZE);
    int dense = Collections.frequency(kinds, DENSE);
    if (!kinds.equals(kinds(layers, dense, normalize))) {
      throw new FileException(
          "%s: modules are %s, expected Transformer, perhaps WeightedLayerPooling, Pooling, perhaps some Dense and perhaps Normalize, in this order"
              .formatted(file, FileException.clean(kinds.toString())));
    }
    if (Set.copyOf(folders).size() < folders.size()) {
      throw new FileException(file + ": two modules have one path, expected one for each");
    }
    if (normalize) {
      checkNormalize(folders.getLast().resolve(CONFIG));
    }
    return new SentenceModules(
        folders.getFirst(),
        layers ? Optional.of(folders.get(1)) : Optional.empty(),
        Optional.of(folders.get(kinds.indexOf(POOLING))),
        List.copyOf(folders.subList(firstDense(layers), firstDense(layers) + dense)),
        normalize);
  }

  /** The kinds of a model's modules. */
  private static List<String> kinds(boolean layers, int dense, boolean normalize) {
    List<String> kinds = new ArrayList<>();
    kinds.add(TRANSFORMER);
    if (layers) {
      kinds.add(LAYERS);
    }
    kinds.add(POOLING);
    kinds.addAll(Collections.nCopies(dense, DENSE));
    if (normalize) {
      kinds.add(NORMALIZE);
    }
    return kinds;
  }

  private static void checkPlace(JsonFields module, int index) {
    module.allow("idx", "name", "path", "type", "kwargs");
    if (module.has("idx") && module.integer("idx") != index) {
      throw new FileException(
          "%s: 'idx' is %d, expected modules in their order"
              .formatted(module.file(), module.integer("idx")));
    }
    if (!module.json().path("kwargs").isEmpty()) {
      throw new FileException(module.file() + ": takes 'kwargs', expected none");
    }
  }

  /** The kind of module that a dotted name of Python stands for, with or without its file. */
  private static String kind(Path file, String type) {
    String name = type.substring(type.lastIndexOf('.') + 1);
    boolean known = PACKAGES.stream().anyMatch(type::startsWith);
    if (known && TRANSFORMERS.contains(name)) {
      return TRANSFORMER;
    }
    if (known && List.of(LAYERS, POOLING, DENSE, NORMALIZE).contains(name)) {
      return name;
    }
    throw new FileException(
        "%s: module %s, expected Transformer, WeightedLayerPooling, Pooling, Dense and Normalize of sentence_transformers only"
            .formatted(file, FileException.quote(type)));
  }

  /**
   * The folder that a file names.
   *
   * @throws FileException if it is none, or outside the directory
   */
  static Path folder(Path directory, Path file, String path) {
    if (!FileException.clean(path).equals(path)) {
      throw new FileException(
          "%s: path %s of %d characters, expected a folder's name of at most 120 that can be shown"
              .formatted(file, FileException.quote(path), path.length()));
    }
    try {
      Path folder = Path.of(path).normalize();
      if (folder.getRoot() == null && !folder.startsWith("..")) {
        return directory.resolve(folder);
      }
    } catch (InvalidPathException e) {
      throw new FileException(
          file + ": path " + FileException.quote(path) + " is no path, expected a folder", e);
    }
    throw new FileException(
        "%s: path %s leaves the directory, expected a folder in it"
            .formatted(file, FileException.quote(path)));
  }

  /** Older versions write no file; newer ones can make it normalise the tokens' vectors. */
  private static void checkNormalize(Path file) {
    if (!Files.exists(file)) {
      return;
    }
    JsonFields fields = new JsonFields(JsonFiles.readObject(file), file.toString());
    fields.allow("module_input_name", "module_output_name");
    for (String key : List.of("module_input_name", "module_output_name")) {
      if (fields.has(key)) {
        fields.oneOf(key, EMBEDDING);
      }
    }
  }

  /** The folder that the Dense module of an index, from 0, is written to. */
  static String denseFolder(boolean layers, int index) {
    return folder(firstDense(layers) + index, DENSE);
  }

  /** The folder that a WeightedLayerPooling is written to. */
  static String layersFolder() {
    return folder(1, LAYERS);
  }

  private static int firstDense(boolean layers) {
    return layers ? 3 : 2;
  }

  private static String folder(int index, String kind) {
    return index + "_" + kind;
  }

  /**
   * Writes {@code modules.json} and makes the folders of the modules.
   *
   * @param layers whether there is a WeightedLayerPooling, whose files are the caller's to write
   * @param dense number of Dense modules, whose files are the caller's to write
   * @return folder of the pooling's configuration
   */
  static Path write(Path directory, boolean layers, int dense, boolean normalize)
      throws IOException {
    ArrayNode modules = JsonFiles.array();
    List<String> kinds = kinds(layers, dense, normalize);
    for (int index = 0; index < kinds.size(); index++) {
      // The Transformer's files lie in the directory itself.
      String folder = index == 0 ? "" : folder(index, kinds.get(index));
      modules.add(
          JsonFiles.object()
              .put("idx", index)
              .put("name", Integer.toString(index))
              .put("path", folder)
              .put("type", PACKAGE + kinds.get(index)));
      Files.createDirectories(directory.resolve(folder));
    }
    Files.write(directory.resolve(FILE), JsonFiles.bytes(modules));
    return directory.resolve(folder(kinds.indexOf(POOLING), POOLING));
  }
}
