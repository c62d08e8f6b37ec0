package org.mirror4j.dataset;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.file.PackedFile;

/** All data sets that are known: the resource {@code catalogue.json}. */
public record Catalogue(List<DataSet> sets) {
  /**
   * A data set.
   *
   * @param name short, for people and programs
   * @param title what it is
   * @param tasks names of {@link org.mirror4j.eval.Tasks} that are measured on it; none of a corpus
   * @param files below the data folder, all of which it consists of; any may be gzipped, see {@link
   *     PackedFile}
   * @param published where
   * @param licence as its authors state it
   * @param take what to take there, and what becomes of it
   */
  public record DataSet(
      String name,
      String title,
      List<String> tasks,
      List<String> files,
      String published,
      String licence,
      String take) {
    /** The files that are not there. */
    public List<String> missing(Path data) {
      return files.stream()
          .filter(file -> !Files.isRegularFile(PackedFile.there(data.resolve(file))))
          .toList();
    }
  }

  /** The catalogue. */
  public static Catalogue read() {
    return JsonRecords.resource(Catalogue.class, "catalogue.json");
  }
}
