package org.mirror4j.encode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.OutputLock;

/**
 * A directory of vectors in parts, {@code part-000000.npy} and so on, each with those of as many
 * lines of a text but the last, and {@value #SETTINGS}, which says what they were made with. A part
 * is there whole or not at all, and its bytes depend on its own lines alone: so whoever is
 * interrupted goes on with the parts that are missing, and several processes, of one machine or of
 * many, may each make some.
 */
public final class VectorParts {
  private static final String SETTINGS = "vectors.json";
  private static final Pattern PART = Pattern.compile("part-\\d{6,}\\.npy");

  private final Path directory;
  private final Path file;
  private final ObjectNode settings;
  private final Shard shard;

  /**
   * Which parts a process makes: each {@code of}-th one.
   *
   * @param number from 1 on
   * @param of how many processes there are
   */
  public record Shard(int number, int of) {
    /** All parts. */
    public static final Shard ALL = new Shard(1, 1);

    private static final Pattern FORM = Pattern.compile("(\\d{1,9})/(\\d{1,9})");

    /** As {@code 2/8}. */
    @Override
    public String toString() {
      return number + "/" + of;
    }

    /**
     * Reads {@code 2/8}.
     *
     * @throws IllegalArgumentException if it is not of that form, or there is no such shard
     */
    public static Shard parse(String text) {
      var parts = FORM.matcher(text);
      if (parts.matches()) {
        Shard shard = new Shard(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)));
        if (shard.number >= 1 && shard.number <= shard.of) {
          return shard;
        }
      }
      throw new IllegalArgumentException(
          "%s, expected I/N with I from 1 to N, as 2/8".formatted(FileException.quote(text)));
    }
  }

  /**
   * Parts that are to be made.
   *
   * @param settings all that their bytes depend on
   */
  public VectorParts(Path directory, ObjectNode settings, Shard shard) {
    this.directory = directory;
    file = directory.resolve(SETTINGS);
    this.settings = settings;
    this.shard = shard;
  }

  /**
   * Makes the directory, or takes the one that is there; one process at a time.
   *
   * @param overwrite whether parts with other settings are removed
   * @throws FileException if it holds parts with other settings and they may not be removed, or
   *     something else, or cannot be written
   */
  public void open(boolean overwrite) {
    try (OutputLock _ = OutputLock.awaiting(file)) {
      if (!Files.exists(file)) {
        requireEmpty();
        AtomicFiles.writeFile(file, JsonFiles.bytes(settings));
      } else if (!isSame() && overwrite) {
        // The settings last: whatever ends this, they are those of the parts that are there.
        for (Path part : files(PART)) {
          Files.delete(part);
        }
        AtomicFiles.writeFile(file, JsonFiles.bytes(settings));
      } else {
        requireSame();
      }
    } catch (IOException e) {
      throw FileException.of("cannot write " + directory, e);
    }
  }

  /**
   * Completes a part.
   *
   * @throws FileException if the directory is another run's by now; the part is left out then
   */
  public void finish(NpyWriter part) {
    // Before the lock, which others wait for.
    part.complete();
    try (OutputLock _ = OutputLock.awaiting(file)) {
      requireSame();
      part.finish();
    }
  }

  private boolean isSame() {
    return JsonFiles.readObject(file).equals(settings);
  }

  private void requireEmpty() throws IOException {
    List<Path> files = files(Pattern.compile("[^.].*"));
    if (!files.isEmpty()) {
      throw new FileException(
          "%s: holds %s and no %s, expected parts of an earlier run, or nothing"
              .formatted(directory, files.getFirst().getFileName(), SETTINGS));
    }
  }

  private List<Path> files(Pattern name) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> name.matcher(file.getFileName().toString()).matches())
          .sorted()
          .toList();
    }
  }

  private void requireSame() {
    ObjectNode there = JsonFiles.readObject(file);
    if (there.equals(settings)) {
      return;
    }
    String what = "more settings than there are";
    for (var asked : settings.properties()) {
      JsonNode other = there.path(asked.getKey());
      if (!other.equals(asked.getValue())) {
        what =
            "%s %s, asked for is %s"
                .formatted(
                    asked.getKey(), other.isMissingNode() ? "unknown" : other, asked.getValue());
        break;
      }
    }
    throw new FileException(
        "%s: its parts were made with %s; --overwrite makes them anew".formatted(file, what));
  }

  /** Whether a part is to be made: one of this shard that is not there. */
  public boolean isWanted(long part) {
    return part % shard.of == shard.number - 1 && !Files.exists(path(part));
  }

  /** Where a part lies, counted from 0. */
  public Path path(long part) {
    return directory.resolve(String.format(Locale.ROOT, "part-%06d.npy", part));
  }
}
