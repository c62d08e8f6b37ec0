package org.mirror4j.name;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.mirror4j.file.FileException;

/**
 * The cache of HuggingFace's own tools: {@code HF_HUB_CACHE}, else {@code hub} in {@code HF_HOME},
 * else {@code ~/.cache/huggingface/hub} ({@code XDG_CACHE_HOME} in place of {@code ~/.cache}). A
 * model is
 *
 * <pre>
 *   models--ORG--NAME/refs/REVISION             the commit that a branch or tag stood for
 *   models--ORG--NAME/snapshots/COMMIT/FILE     a link to
 *   models--ORG--NAME/blobs/ETAG                the content
 * </pre>
 *
 * @param path need not be there
 */
public record HuggingFaceCache(Path path) {
  private static final String PREFIX = "models--";
  private static final String SEPARATOR = "--";
  private static final int LONGEST_REFERENCE = 200;

  /** Folders of modules; others, as those of checkpoints, are no part of the model. */
  private static final Pattern MODULE = Pattern.compile("\\d+_\\w+");

  private static final String SAFE = "model.safetensors";
  private static final String SAFE_INDEX = "model.safetensors.index.json";
  private static final String PICKLE = "pytorch_model.bin";

  /** The one of this user. */
  public static HuggingFaceCache ofThisUser() {
    return of(System.getenv(), Path.of(System.getProperty("user.home")));
  }

  /**
   * The one of a user.
   *
   * @param environment variables
   * @param home of the user
   */
  static HuggingFaceCache of(Map<String, String> environment, Path home) {
    for (String variable : List.of("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE")) {
      if (!environment.getOrDefault(variable, "").isEmpty()) {
        return new HuggingFaceCache(expand(environment.get(variable), home));
      }
    }
    return new HuggingFaceCache(homeOf(environment, home).resolve("hub"));
  }

  /** The file that the token of a user is kept in: {@code HF_TOKEN_PATH}, else in the home. */
  public static Path tokenOf(Map<String, String> environment, Path home) {
    String set = environment.getOrDefault("HF_TOKEN_PATH", "");
    return set.isEmpty() ? homeOf(environment, home).resolve("token") : expand(set, home);
  }

  /** {@code HF_HOME}. */
  private static Path homeOf(Map<String, String> environment, Path home) {
    String set = environment.getOrDefault("HF_HOME", "");
    if (!set.isEmpty()) {
      return expand(set, home);
    }
    String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path place = caches.isEmpty() ? home.resolve(".cache") : expand(caches, home);
    return place.resolve("huggingface");
  }

  /** As Python's tools take it: a tilde is the home. */
  private static Path expand(String path, Path home) {
    boolean tilde = path.equals("~") || path.startsWith("~/");
    return (tilde ? home.resolve(path.substring(Math.min(2, path.length()))) : Path.of(path))
        .toAbsolutePath();
  }

  /** The folder of a model, in all its revisions. */
  public Path folder(String repository) {
    return path.resolve(PREFIX + repository.replace("/", SEPARATOR));
  }

  /** The folder of a model as it was at a commit. */
  public Path snapshot(String repository, String commit) {
    return folder(repository).resolve("snapshots").resolve(commit);
  }

  /** The file that says which commit a revision stood for. */
  public Path reference(HuggingFaceName name) {
    return folder(name.repository()).resolve("refs").resolve(name.revision());
  }

  /**
   * The model directory of a name, as it was when it was last fetched; empty if there is none.
   *
   * @throws FileException if what says its commit is damaged
   */
  public Optional<Path> find(HuggingFaceName name) {
    Path reference = reference(name);
    String commit = name.revision();
    if (Files.isRegularFile(reference)) {
      commit = commit(reference);
    } else if (!HuggingFaceName.isCommit(commit)) {
      return Optional.empty();
    }
    return Optional.of(snapshot(name.repository(), commit))
        .filter(snapshot -> weightFolder(snapshot).isPresent());
  }

  private static String commit(Path reference) {
    try {
      if (Files.size(reference) <= LONGEST_REFERENCE) {
        String commit = Files.readString(reference, StandardCharsets.US_ASCII).strip();
        if (HuggingFaceName.isCommit(commit)) {
          return commit;
        }
      }
    } catch (IOException e) {
      throw FileException.of(reference + ": cannot be read", e);
    }
    throw new FileException(reference + ": expected the 40 digits of a commit");
  }

  /**
   * Where in a snapshot configuration and weights are: in itself, or where it has {@code
   * modules.json} in a folder of a module. Empty where it is no model: Python's tools may have
   * fetched a tokenizer or a configuration alone.
   */
  private static Optional<Path> weightFolder(Path snapshot) {
    if (hasWeights(snapshot)) {
      return Optional.of(snapshot);
    }
    if (!Files.exists(snapshot.resolve("modules.json"))) {
      return Optional.empty();
    }
    try (Stream<Path> folders = Files.list(snapshot)) {
      return folders.filter(HuggingFaceCache::hasWeights).min(Comparator.naturalOrder());
    } catch (IOException e) {
      throw FileException.of("cannot list " + snapshot, e);
    }
  }

  private static boolean hasWeights(Path folder) {
    return Files.exists(folder.resolve("config.json"))
        && Stream.of(SAFE, SAFE_INDEX, PICKLE).anyMatch(file -> Files.exists(folder.resolve(file)));
  }

  /**
   * Whether a snapshot has weights, those of the encoder or of a module, only as PyTorch wrote
   * them: {@code fetch} converts the model then, as {@code convert} would.
   */
  public static boolean hasPickleAlone(Path snapshot) {
    Optional<Path> encoder = weightFolder(snapshot);
    if (encoder.isEmpty()) {
      return false;
    }
    try (Stream<Path> folders = Files.list(snapshot)) {
      return Stream.concat(
              encoder.stream(),
              folders.filter(folder -> MODULE.matcher(folder.getFileName().toString()).matches()))
          .filter(HuggingFaceCache::hasWeights)
          .anyMatch(
              folder ->
                  !Files.exists(folder.resolve(SAFE)) && !Files.exists(folder.resolve(SAFE_INDEX)));
    } catch (IOException e) {
      throw FileException.of("cannot list " + snapshot, e);
    }
  }

  /** The models that are there at the revision {@code main}, in alphabetical order. */
  public List<String> names() {
    if (!Files.isDirectory(path)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(path)) {
      return folders
          .map(folder -> folder.getFileName().toString())
          .filter(folder -> folder.startsWith(PREFIX))
          .map(folder -> folder.substring(PREFIX.length()).replaceFirst(SEPARATOR, "/"))
          .filter(
              name ->
                  HuggingFaceName.parse(name)
                      .filter(parsed -> find(parsed).isPresent())
                      .isPresent())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw FileException.of("cannot list " + path, e);
    }
  }
}
