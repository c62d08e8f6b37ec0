package org.mirror4j.lucene;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexFormatTooNewException;
import org.apache.lucene.index.IndexFormatTooOldException;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;

/**
 * What an index says of itself, in the user data of Lucene's commit: it is there if and only if the
 * index is whole.
 *
 * @param format {@value #FORMAT}
 * @param model what its vectors were made with
 * @param modelHash {@link IndexModel#hash}
 * @param dimensions elements of a vector
 * @param items how many there are
 * @param seconds from the first item to the commit
 * @param indexSeconds of these in Lucene: vectors are computed meanwhile by other threads
 */
record IndexRecord(
    int format,
    String model,
    String modelHash,
    int dimensions,
    int items,
    double seconds,
    double indexSeconds) {
  static final int FORMAT = 1;

  /** Characters of a digest that are shown. */
  private static final int SHOWN = 12;

  /** The key of the commit's user data. */
  private static final String KEY = "mirror4j";

  /** As the user data of a commit. */
  Map<String, String> toCommit() {
    byte[] json = JsonFiles.compactBytes(JsonRecords.write(this));
    return Map.of(KEY, new String(json, StandardCharsets.UTF_8));
  }

  /**
   * What {@link #toCommit} gave.
   *
   * @param index for messages
   * @throws FileException if the index is not of this kind
   */
  static IndexRecord fromCommit(Map<String, String> commit, Path index) {
    String json = commit.get(KEY);
    if (json == null) {
      throw new FileException(
          index + ": an index of Lucene that does not say its model, expected one of mirror4j");
    }
    String what = index + ": commit";
    ObjectNode fields = JsonFiles.parseObject(json.getBytes(StandardCharsets.UTF_8), what);
    // Before the other fields, which another format may have others of.
    JsonNode format = fields.path("format");
    if (format.isInt() && format.intValue() != FORMAT) {
      throw new FileException(
          "%s: format is %d, expected %d: written by a newer version?"
              .formatted(index, format.intValue(), FORMAT));
    }
    return JsonRecords.read(IndexRecord.class, fields, what);
  }

  /**
   * Whether there is an index of this kind in a directory; what follows the list of its files may
   * be damaged.
   *
   * @throws FileException if there is one and beside it something else, which the message names
   */
  static boolean isAt(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (Directory files = FSDirectory.open(directory)) {
      if (!DirectoryReader.indexExists(files)) {
        return false;
      }
      SegmentInfos commit = SegmentInfos.readLatestCommit(files);
      if (!commit.getUserData().containsKey(KEY)) {
        return false;
      }
      Set<String> own = Set.copyOf(commit.files(true));
      try (Stream<Path> all = Files.list(directory)) {
        all.map(file -> file.getFileName().toString())
            .filter(name -> !own.contains(name))
            .sorted()
            .findFirst()
            .ifPresent(
                name -> {
                  throw new FileException(
                      "%s: %s is no file of the index there and would be lost; move it away or name another output"
                          .formatted(directory, FileException.quote(name)));
                });
      }
      return true;
    } catch (CorruptIndexException
        | IndexFormatTooOldException
        | IndexFormatTooNewException
        | IllegalArgumentException e) {
      // The last where this Lucene lacks a codec that the index names.
      return false;
    }
  }

  /**
   * Fails unless a model is the one that the index was made with.
   *
   * @throws FileException if it is another; the message names both
   */
  void requireModel(IndexModel asked, Path index) {
    if (!modelHash.equals(asked.hash())) {
      throw new FileException(
          "%s: made with the model %s (%s), asked with %s (%s): vectors of two models cannot be compared"
              .formatted(
                  index,
                  FileException.clean(model),
                  modelHash.substring(0, Math.min(SHOWN, modelHash.length())),
                  FileException.clean(asked.name()),
                  asked.hash().substring(0, SHOWN)));
    }
  }
}
