package org.mirror4j.name;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.PrivateDirectory;

/**
 * The folder of what {@code fetch} has converted: {@code MIRROR4J_HOME}, or {@code mirror4j} in the
 * user's place for caches ({@code XDG_CACHE_HOME} or {@code ~/.cache}, {@code ~/Library/Caches} on
 * macOS, {@code LOCALAPPDATA} on Windows). A model is {@code models/NAME}: the model directory
 * {@code model}, and {@code source.json}, which says what it was made from. What was converted of
 * HuggingFace is {@code huggingface/ORG--NAME/COMMIT}.
 *
 * @param path absolute; need not be there
 */
public record ModelHome(Path path) {
  /** What the folder is set with. */
  public static final String VARIABLE = "MIRROR4J_HOME";

  /** The model directory in the folder of a model. */
  public static final String MODEL = "model";

  private static final String SOURCE = "source.json";

  /** The one of this user. */
  public static ModelHome ofThisUser() {
    return of(
        System.getenv(), System.getProperty("os.name"), Path.of(System.getProperty("user.home")));
  }

  /**
   * The one of a user.
   *
   * @param environment variables
   * @param system name of the operating system, as Java has it
   * @param home of the user
   */
  static ModelHome of(Map<String, String> environment, String system, Path home) {
    String set = environment.getOrDefault(VARIABLE, "");
    Path path =
        set.isEmpty() ? caches(environment, system, home).resolve("mirror4j") : Path.of(set);
    return new ModelHome(path.toAbsolutePath());
  }

  private static Path caches(Map<String, String> environment, String system, Path home) {
    if (system.startsWith("Mac")) {
      return home.resolve("Library/Caches");
    }
    boolean windows = system.startsWith("Windows");
    String set = environment.getOrDefault(windows ? "LOCALAPPDATA" : "XDG_CACHE_HOME", "");
    if (!set.isEmpty() && Path.of(set).isAbsolute()) {
      return Path.of(set);
    }
    return home.resolve(windows ? "AppData/Local" : ".cache");
  }

  /**
   * Makes the folder where it is not there. Nobody else can write it: native libraries may be
   * loaded from beside the models.
   *
   * @throws FileException if it cannot be made
   */
  public void make() {
    try {
      PrivateDirectory.make(path);
    } catch (IOException e) {
      throw FileException.of("cannot make " + path, e);
    }
  }

  /** The folder of a model, which is written as a whole. */
  public Path folder(KnownModel model) {
    return path.resolve("models").resolve(model.name());
  }

  /**
   * The model directory; empty if it has not been fetched, or was made from something else than
   * what the name stands for now.
   *
   * @throws org.mirror4j.file.FileException if what says that is damaged
   */
  public Optional<Path> find(KnownModel model) {
    Path folder = folder(model);
    Path source = folder.resolve(SOURCE);
    if (!Files.exists(source) || !JsonFiles.readObject(source).equals(model.source())) {
      return Optional.empty();
    }
    return Optional.of(folder.resolve(MODEL)).filter(Files::isDirectory);
  }

  /**
   * Where a model of HuggingFace is converted to whose weights are in a format that is not read at
   * every start; a model directory, which is written as a whole.
   *
   * @param repository {@code ORG/NAME}
   */
  public Path converted(String repository, String commit) {
    return path.resolve("huggingface").resolve(repository.replace("/", "--")).resolve(commit);
  }

  /**
   * Writes what a model was made from.
   *
   * @param folder the folder of the model, which is being written
   */
  public static void writeSource(Path folder, KnownModel model) throws IOException {
    Files.write(folder.resolve(SOURCE), JsonFiles.bytes(model.source()));
  }
}
