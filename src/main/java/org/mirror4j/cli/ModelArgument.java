package org.mirror4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.mirror4j.encode.Bundled;
import org.mirror4j.file.FileException;
import org.mirror4j.name.HuggingFaceName;
import org.mirror4j.name.KnownModel;
import org.mirror4j.name.ModelNames;
import org.mirror4j.text.Spelling;
import picocli.CommandLine.TypeConversionException;

/**
 * A model as all commands take it: {@code bundled} is the one that comes with the program; anything
 * else a path, or where nothing lies there the name of a model that has been fetched. A directory
 * {@code bundled} is {@code ./bundled} or {@code bundled/}.
 */
public record ModelArgument(String text) {
  /**
   * Checks that it can be a path.
   *
   * @throws TypeConversionException if it cannot
   */
  public ModelArgument {
    try {
      Path.of(text);
    } catch (InvalidPathException e) {
      throw new TypeConversionException(
          "'%s' is no path: %s".formatted(e.getInput(), e.getReason()));
    }
  }

  /** What {@code --model} is where it is not given and need not be. */
  static final ModelArgument BUNDLED = new ModelArgument(Bundled.NAME);

  /** Whether it is the model that comes with the program. */
  public boolean isBundled() {
    return text.equals(Bundled.NAME);
  }

  /** Whether it is a path, not a name that stands for a model. */
  public boolean isPath() {
    return !isBundled() && Files.exists(Path.of(text));
  }

  /**
   * Where the model is.
   *
   * @param bundled has the model that comes with the program, unpacked for as long as it is open
   * @throws FileException if there is nothing of that name; the message says what may have been
   *     meant
   */
  Path path(Console console, Bundled bundled) {
    if (isBundled()) {
      if (Files.isDirectory(Path.of(text))) {
        console.notice(
            "bundled is the model that comes with the program; the directory is ./bundled");
      }
      return bundled.model();
    }
    return directory();
  }

  /**
   * Where a model is that did not come with the program.
   *
   * @throws FileException if there is nothing of that name; the message says what may have been
   *     meant
   */
  public Path directory() {
    Path path = Path.of(text);
    return isPath() ? path : ModelNames.ofThisUser().find(text).orElseThrow(() -> missing(path));
  }

  private FileException missing(Path path) {
    if (KnownModel.of(text).isPresent()) {
      return new FileException(
          "%s: has not been fetched yet: run %s".formatted(text, ModelNames.command(text)));
    }
    boolean onHub =
        HuggingFaceName.parse(text).filter(HuggingFaceName::hasOrganisation).isPresent();
    return new FileException(
        "%s: no such file or directory, expected a model directory, or bundled for the model that"
                .formatted(text)
            + " comes with the program"
            + (onHub ? "; a model of HuggingFace is fetched by " + ModelNames.command(text) : "")
            + hint(path));
  }

  /** By the last name of the path alone, which the folders before it would drown. */
  private static String hint(Path path) {
    String name = String.valueOf(path.getFileName());
    if (path.getParent() == null) {
      List<String> names = new ArrayList<>(List.of(Bundled.NAME));
      names.addAll(KnownModel.names());
      if (Spelling.closest(name, names).isPresent()) {
        return Spelling.hint(name, names);
      }
    }
    return Spelling.closest(name, foldersBeside(path))
        .map(folder -> "; did you mean %s?".formatted(path.resolveSibling(folder)))
        .orElse("");
  }

  private static List<String> foldersBeside(Path path) {
    Path parent = path.toAbsolutePath().normalize().getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      return List.of();
    }
    try (Stream<Path> beside = Files.list(parent)) {
      return beside
          .filter(Files::isDirectory)
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw FileException.of("cannot list " + parent, e);
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
