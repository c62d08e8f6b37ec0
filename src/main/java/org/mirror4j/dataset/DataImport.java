package org.mirror4j.dataset;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.ZipException;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;
import org.mirror4j.file.PackedFile;

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
   * @param overwrite whether a file that is there, gzipped or not, and says something else is
   *     replaced
   * @throws FileException if one is there and is not to be replaced, before anything is written; or
   *     if writing fails
   */
  public List<Imported> write(Path data, boolean overwrite) {
    List<Imported> imported = new ArrayList<>();
    for (LayoutFile file : files.values()) {
      List<Path> there = there(data.resolve(file.path()));
      List<Path> others = there.stream().filter(each -> !isSame(each, file.content())).toList();
      if (!others.isEmpty() && !overwrite) {
        throw new FileException(
            "%s: is there and is not what %s becomes; --overwrite replaces it"
                .formatted(others.getFirst(), file.source()));
      }
      boolean written = there.isEmpty() || !others.isEmpty();
      imported.add(new Imported(file.path(), file.source(), file.items(), written));
    }
    for (Imported file : imported) {
      if (file.written()) {
        write(data.resolve(file.path()), files.get(file.path()).content());
      }
    }
    return imported;
  }

  /** A file and its gzip, those that are there. */
  private static List<Path> there(Path target) {
    return Stream.of(target, PackedFile.otherForm(target)).filter(Files::exists).toList();
  }

  private static boolean isSame(Path there, byte[] content) {
    if (!Files.isRegularFile(there)) {
      return false;
    }
    try (InputStream in = PackedFile.open(there)) {
      return Arrays.equals(in.readNBytes(content.length + 1), content);
    } catch (ZipException | EOFException e) {
      // A gzip that is cut or damaged says nothing else; it gives way like any other.
      return false;
    } catch (IOException e) {
      throw FileException.of(there, e);
    }
  }

  /** What its gzip said has gone with what it said itself. */
  private static void write(Path target, byte[] content) {
    try {
      Files.createDirectories(target.getParent());
    } catch (IOException e) {
      throw FileException.of("cannot make " + target.getParent(), e);
    }
    AtomicFiles.writeFile(target, content);
    try {
      Files.deleteIfExists(PackedFile.otherForm(target));
    } catch (IOException e) {
      throw FileException.of("cannot remove " + PackedFile.otherForm(target), e);
    }
  }
}
