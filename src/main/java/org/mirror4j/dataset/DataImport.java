package org.mirror4j.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;

/**
 * Data sets in the forms in which people have them, made into the layout of the data folder. All is
 * read and looked at before the first file is written, and each file appears whole or not at all.
 */
public final class DataImport {
  private static final List<SourceForm> FORMS =
      List.of(
          new OrganisersYears(),
          new JoinedYears(),
          new StsBenchmark(),
          new Sick(),
          new MultiSimLexCsv(),
          UnchangedFiles.TRANSLATED_STS_BENCHMARK,
          UnchangedFiles.XLING);

  /**
   * What became of a file of the layout.
   *
   * @param path below the data folder
   * @param source what it was made of, the first file of several
   * @param items lines of data in it
   * @param written false where the same was there
   */
  public record Imported(String path, Path source, int items, boolean written) {}

  private final Map<String, LayoutFile> files = new LinkedHashMap<>();

  private DataImport() {}

  /**
   * Reads what is known below some folders.
   *
   * @param notices is told of what is passed over
   * @throws org.mirror4j.text.TextException if a file is empty or not UTF-8
   * @throws FileException if a folder or file cannot be read, if there is nothing known, or if
   *     there are two sources of one set that do not say the same
   * @throws IllegalArgumentException if a line does not fit its form; the message begins with file
   *     and line
   */
  public static DataImport read(List<Path> folders, Consumer<String> notices) {
    DataImport read = new DataImport();
    for (Path path : folders) {
      SourceFolder folder = SourceFolder.of(path);
      for (SourceForm form : FORMS) {
        form.read(folder, notices).forEach(read::add);
      }
    }
    if (read.files.isEmpty()) {
      throw new FileException(
          "%s: no file of a form that is known; 'mirror4j data' says which are"
              .formatted(FileException.some(", ", folders.stream().map(Path::toString).toList())));
    }
    return read;
  }

  private void add(LayoutFile file) {
    LayoutFile other = files.putIfAbsent(file.path(), file);
    if (other != null && !Arrays.equals(other.content(), file.content())) {
      throw new FileException(
          "%s and %s both hold what becomes %s, and differ: expected the folder of one of them"
              .formatted(other.source(), file.source(), file.path()));
    }
  }

  /**
   * Writes the layout.
   *
   * @param overwrite whether a file that is there and says something else is replaced
   * @throws FileException if one is there and is not to be replaced, before anything is written; or
   *     if writing fails
   */
  public List<Imported> write(Path data, boolean overwrite) {
    List<Imported> imported = new ArrayList<>();
    for (LayoutFile file : files.values()) {
      Path target = data.resolve(file.path());
      boolean there = Files.exists(target);
      boolean same = there && isSame(target, file.content());
      if (there && !same && !overwrite) {
        throw new FileException(
            "%s: is there and is not what %s becomes; --overwrite replaces it"
                .formatted(target, file.source()));
      }
      imported.add(new Imported(file.path(), file.source(), file.items(), !same));
    }
    for (Imported file : imported) {
      if (file.written()) {
        write(data.resolve(file.path()), files.get(file.path()).content());
      }
    }
    return imported;
  }

  private static boolean isSame(Path target, byte[] content) {
    try {
      return Files.isRegularFile(target)
          && Files.size(target) == content.length
          && Arrays.equals(Files.readAllBytes(target), content);
    } catch (IOException e) {
      throw FileException.of(target, e);
    }
  }

  private static void write(Path target, byte[] content) {
    try {
      Files.createDirectories(target.getParent());
    } catch (IOException e) {
      throw FileException.of("cannot make " + target.getParent(), e);
    }
    AtomicFiles.writeFile(target, content);
  }
}
