package org.mirror4j.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFields;
import org.mirror4j.file.JsonFiles;

/**
 * A model in the layout of HuggingFace: {@code config.json}, {@code model.safetensors}, the
 * tokenizer's files, and {@code modules.json} with the files of its modules, as
 * sentence-transformers has them; it may put the former into a folder. {@code mirror4j.json} holds
 * what those cannot ({@link ModelSettings}).
 */
public final class ModelDirectory {
  /** The file of a flow. */
  public static final String FLOW = "flow.safetensors";

  static final String CONFIG = "config.json";
  static final String WEIGHTS = "model.safetensors";
  private static final String WEIGHTS_INDEX = "model.safetensors.index.json";
  static final String SETTINGS = "mirror4j.json";

  private final Path directory;
  private final SentenceModules modules;
  private final Path path;
  private final ObjectNode config;

  private ModelDirectory(Path directory) {
    this.directory = directory;
    modules = SentenceModules.read(directory);
    path = modules.transformer();
    config = JsonFiles.readObject(path.resolve(CONFIG));
  }

  /**
   * Opens a directory and reads its {@code modules.json}, if there is one, and {@code config.json}.
   *
   * @throws FileException if it is absent, not a directory, has no readable configuration or
   *     modules that cannot be computed
   */
  public static ModelDirectory open(Path path) {
    if (Files.isRegularFile(path)) {
      throw new FileException(path + ": is a file, expected a model directory");
    }
    if (!Files.isDirectory(path)) {
      throw new FileException(path + ": no such directory, expected a model directory");
    }
    return new ModelDirectory(path);
  }

  /**
   * Where configuration, weights and tokenizer are: the directory itself, or the folder that {@code
   * modules.json} says.
   */
  public Path path() {
    return path;
  }

  /** The content of {@code config.json}; a copy. */
  public ObjectNode config() {
    return config.deepCopy();
  }

  /**
   * Opens {@code model.safetensors}, or the files of {@code model.safetensors.index.json}. The
   * caller closes it.
   *
   * @throws FileException if neither is there or one breaks the format
   */
  public SafeTensors weights() {
    return weights(path);
  }

  /**
   * The same of any folder with such files.
   *
   * @throws FileException if neither is there or one breaks the format
   */
  public static SafeTensors weights(Path path) {
    if (Files.exists(path.resolve(WEIGHTS))) {
      return SafeTensors.open(path.resolve(WEIGHTS));
    }
    if (Files.exists(path.resolve(WEIGHTS_INDEX))) {
      return SafeTensors.openSharded(path.resolve(WEIGHTS_INDEX));
    }
    if (Files.exists(path.resolve("pytorch_model.bin"))) {
      throw new FileException(
          path
              + ": holds pytorch_model.bin but no model.safetensors:"
              + " run 'mirror4j convert' on the model first");
    }
    throw new FileException(path + ": no model.safetensors, expected a model directory");
  }

  /**
   * What the files of sentence-transformers and {@code mirror4j.json} say. The former may say mean
   * where the latter says {@code mean-padded}, and say no pooling where they have none like it.
   *
   * @throws FileException if one of those files is malformed, asks for what cannot be done, or
   *     contradicts another
   */
  public ModelSettings settings() {
    ModelSettings library = SentenceTransformersFiles.read(directory, modules, config);
    Path file = directory.resolve(SETTINGS);
    if (!Files.exists(file)) {
      requireMaps(library);
      return library;
    }
    ModelSettings own = ModelSettings.fromJson(JsonFiles.readObject(file), file.toString());
    requireMaps(own);
    // Whichever is taken, vectors here or in the library would be others than a file says.
    own.pooling()
        .map(label -> ModelSettings.inLibrary(label).orElse(label))
        .map(label -> LayerPooling.canonical(label, config))
        .ifPresent(label -> requireSame("pooling", label, library.pooling()));
    if (own.maxLength().isPresent() && library.maxLength().isPresent()) {
      requireSame(
          "max_length", own.maxLength().getAsInt(), Optional.of(library.maxLength().getAsInt()));
    }
    if (own.embedding().normalize() && modules.pooling().isPresent()) {
      requireSame("normalize", true, Optional.of(modules.normalize()));
    }
    return new ModelSettings(
        own.pooling().or(library::pooling),
        own.maxLength().isPresent() ? own.maxLength() : library.maxLength(),
        own.template(),
        modules.pooling().isPresent()
            ? library.embedding()
            : library
                .embedding()
                .around(own.embedding().normalize(), own.embedding().prompts().pooled()),
        own.provenance(),
        own.calibration());
  }

  /** Fails unless what the settings say of a calibration is there, and nothing that they do not. */
  private void requireMaps(ModelSettings settings) {
    Path flow = directory.resolve(FLOW);
    boolean there = Files.exists(flow);
    if (there != settings.isCalibratedBy(CalibrationSettings.Form.FLOW)) {
      throw new FileException(
          there
              ? "%s: no calibration of form flow in %s mentions it, expected no such file"
                  .formatted(flow, SETTINGS)
              : "%s: has a calibration of form flow, expected %s beside it"
                  .formatted(directory.resolve(SETTINGS), FLOW));
    }
    if (settings.isCalibratedBy(CalibrationSettings.Form.DENSE) && denseFolders().isEmpty()) {
      throw new FileException(
          directory.resolve(SETTINGS)
              + ": has a calibration of form dense, and the model no Dense module, expected one");
    }
  }

  /**
   * The file of the flow that is the last map of the vectors, behind all Dense modules.
   *
   * @return empty where the model is not calibrated by one
   * @throws FileException as {@link #settings()}
   */
  public Optional<Path> flow() {
    return settings().isCalibratedBy(CalibrationSettings.Form.FLOW)
        ? Optional.of(directory.resolve(FLOW))
        : Optional.empty();
  }

  /**
   * The Dense modules, which map the pooled vectors one after the other. They are named by {@code
   * modules.json}, or by {@code mirror4j.json} where sentence-transformers has nothing like the
   * pooling and there is no such file. The last is the calibration where the settings have one of
   * that form.
   *
   * @throws FileException if a file is absent, malformed or asks for what cannot be done, or one
   *     takes vectors of another width than the one before it gives
   */
  public List<DenseModule> dense() {
    return dense(ModelDirectory::weights);
  }

  /**
   * The same with weights that may be in another format.
   *
   * @param weights opens those of a folder
   */
  public List<DenseModule> dense(Function<Path, TensorSource> weights) {
    List<DenseModule> dense = new ArrayList<>();
    int width = config.path("hidden_size").asInt();
    for (Path folder : denseFolders()) {
      DenseModule module = DenseModule.read(folder, weights);
      if (module.inFeatures() != width) {
        throw new FileException(
            "%s: takes vectors of %d values, expected %d, as what is before it gives"
                .formatted(folder, module.inFeatures(), width));
      }
      dense.add(module);
      width = module.outFeatures();
    }
    return dense;
  }

  /**
   * The Dense modules that belong to the model as it was made, without a calibration.
   *
   * @throws FileException as {@link #dense()}
   */
  public List<DenseModule> uncalibratedDense() {
    List<DenseModule> dense = dense();
    return settings().isCalibratedBy(CalibrationSettings.Form.DENSE)
        ? dense.subList(0, dense.size() - 1)
        : dense;
  }

  private List<Path> denseFolders() {
    Path file = directory.resolve(SETTINGS);
    if (!Files.exists(file)) {
      return modules.dense();
    }
    JsonFields fields = new JsonFields(JsonFiles.readObject(file), file.toString());
    if (!fields.has(ModelSettings.DENSE)) {
      return modules.dense();
    }
    if (modules.pooling().isPresent()) {
      throw new FileException(
          "%s: has '%s' beside the files of sentence-transformers, expected Dense modules there"
              .formatted(file, ModelSettings.DENSE));
    }
    List<Path> folders = new ArrayList<>();
    for (JsonNode folder : fields.elements(ModelSettings.DENSE)) {
      if (!folder.isTextual()) {
        throw new FileException(
            "%s: '%s' holds %s, expected names of folders"
                .formatted(file, ModelSettings.DENSE, FileException.clean(folder.toString())));
      }
      folders.add(SentenceModules.folder(directory, file, folder.textValue()));
    }
    if (Set.copyOf(folders).size() < folders.size()) {
      throw new FileException(
          "%s: '%s' names a folder twice, expected one for each"
              .formatted(file, ModelSettings.DENSE));
    }
    return folders;
  }

  private <T> void requireSame(String key, T own, Optional<T> library) {
    if (library.isPresent() && !library.get().equals(own)) {
      throw new FileException(
          "%s: %s is %s in %s, but %s in the files of sentence-transformers, expected the same"
              .formatted(directory, key, own, SETTINGS, library.get()));
    }
  }

  /**
   * This model with another map of its vectors: configuration, weights, tokenizer and licence byte
   * for byte, all else anew. Of several layers that are pooled the configuration says so.
   *
   * @param settings as in {@link ModelContents}
   * @param dense as in {@link ModelContents}
   * @param files as in {@link ModelContents}, without those that are copied
   */
  public ModelContents mapped(
      ModelSettings settings, List<DenseModule> dense, AtomicFiles.DirectoryWriter files) {
    return new ModelContents(
        config(),
        to -> {
          for (Path file : ModelFiles.unmapped(path)) {
            Files.copy(file, to.resolve(file.getFileName()));
          }
        },
        settings,
        dense,
        files);
  }

  /**
   * Licence and notice, where they are there: what is made from the model has them too. They are
   * read now, as a run may go on when the model is gone.
   *
   * @return writes them into a directory
   * @throws FileException if one cannot be read
   */
  public AtomicFiles.DirectoryWriter licences() {
    return ModelFiles.licences(path);
  }

  /**
   * Digest of {@code config.json} and the weights, those of what maps the vectors included.
   *
   * @throws FileException if one is absent or cannot be read
   */
  public String hash() {
    return ModelFiles.hash(path, directory, denseFolders());
  }

  /** Digest of all files that say how a text becomes token ids. */
  public String tokenizerHash() {
    return ModelFiles.tokenizerHash(path);
  }

  /**
   * Requires that nothing is lost where the weights are trained on. A calibration fits no other
   * weights than its own and can be fitted anew; a Dense module cannot.
   *
   * @param name what messages call the model
   * @param warning takes what the result will not have
   * @throws FileException if there is a Dense module of the model's own
   */
  public void requireTunable(String name, Consumer<String> warning) {
    if (!uncalibratedDense().isEmpty()) {
      throw new FileException(
          "%s: has a Dense module, which is not tuned with the model and would no longer fit it, expected none"
              .formatted(name));
    }
    settings()
        .calibration()
        .ifPresent(
            fitted ->
                warning.accept(
                    "%s: its calibration (%s) belongs to the weights as they are, and the result does not have it: fit it anew on that"
                        .formatted(name, fitted.described())));
  }
}
