package org.mirror4j.name;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  /** {@code HF_HOME}, where the token is kept too. */
  public static Path homeOf(Map<String, String> environment, Path home) {
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
    return Optional.of(snapshot(name.repository(), commit)).filter(HuggingFaceCache::isModel);
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

  /** Python's tools may have fetched a tokenizer or a configuration alone. */
  private static boolean isModel(Path snapshot) {
    if (Files.exists(snapshot.resolve("modules.json"))) {
      return true;
    }
    return Files.exists(snapshot.resolve("config.json"))
        && Stream.of("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin")
            .anyMatch(file -> Files.exists(snapshot.resolve(file)));
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
