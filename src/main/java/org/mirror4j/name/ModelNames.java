package org.mirror4j.name;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What names of models stand for on this machine.
 *
 * @param home of what was fetched from Maven repositories or converted
 * @param cache of what was fetched from HuggingFace, by whatever tool
 */
public record ModelNames(ModelHome home, HuggingFaceCache cache) {
  /** Those of this user. */
  public static ModelNames ofThisUser() {
    return new ModelNames(ModelHome.ofThisUser(), HuggingFaceCache.ofThisUser());
  }

  /**
   * The model directory of a name; empty if it is none or what it stands for has not been fetched.
   *
   * @throws org.mirror4j.file.FileException if the cache is damaged
   */
  public Optional<Path> find(String name) {
    return KnownModel.of(name)
        .flatMap(home::find)
        .or(() -> HuggingFaceName.parse(name).flatMap(this::find));
  }

  /** The snapshot itself, or what was converted from it. */
  private Optional<Path> find(HuggingFaceName name) {
    Optional<Path> snapshot = cache.find(name);
    return snapshot.filter(HuggingFaceCache::hasPickleAlone).isPresent()
        ? snapshot.map(path -> converted(name, path)).filter(Files::isDirectory)
        : snapshot;
  }

  /** Where a snapshot of a model is converted to. */
  public Path converted(HuggingFaceName name, Path snapshot) {
    return home.converted(name.repository(), snapshot.getFileName().toString());
  }

  /** The command that fetches a model, as users type it. */
  public static String command(String name) {
    return "./mirror4j fetch " + name;
  }
}
