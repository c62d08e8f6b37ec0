package org.mirror4j.method.pretrain;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.mirror4j.file.FileHash;
import org.mirror4j.text.TextException;
import org.mirror4j.text.block.SpanSource;
import org.mirror4j.text.mask.MaskScheme;
import org.mirror4j.train.TrainingListener;

/**
 * The files of a run, of which nothing has been read but their first lines.
 *
 * @param corpus what is trained on
 * @param spans where its annotated spans come from
 * @param heldOut text whose loss is measured
 * @param heldOutSpans where its annotated spans come from
 */
record PretrainingFiles(
    List<Path> corpus, SpanSource spans, Optional<Path> heldOut, SpanSource heldOutSpans) {

  /**
   * Looks into the files. A column of spans is none of the text, whether spans are masked or not.
   *
   * @throws TextException if a file is missing, a directory, empty, or a pipe or a device, or only
   *     a part of the corpus has a column of spans
   */
  static PretrainingFiles of(
      List<Path> corpus, Optional<Path> heldOut, MaskScheme mask, TrainingListener listener) {
    Stream.concat(corpus.stream(), heldOut.stream()).forEach(PretrainingFiles::requireRegular);
    SpanSource spans = SpanSource.of(corpus, mask.heuristic(), listener::notice);
    SpanSource heldOutSpans =
        heldOut
            .map(file -> SpanSource.of(List.of(file), mask.heuristic(), listener::notice))
            .orElse(spans);
    if (mask.heuristic() != SpanSource.NONE) {
      listener.notice("spans to mask: %s".formatted(spans.label()));
      if (heldOutSpans != spans) {
        listener.notice("spans to mask of the held-out text: %s".formatted(heldOutSpans.label()));
      }
    }
    return new PretrainingFiles(corpus, spans, heldOut, heldOutSpans);
  }

  private static void requireRegular(Path file) {
    if (Files.exists(file) && !Files.isDirectory(file) && !Files.isRegularFile(file)) {
      throw new TextException(
          file + " is a pipe or a device, expected a file: text is read several times");
    }
  }

  /** Digest of the corpus, of large files by samples. */
  String hash() {
    return FileHash.sampled(corpus);
  }

  /** Digest of the held-out text; empty where there is none. */
  String heldOutHash() {
    return heldOut.map(file -> FileHash.whole(List.of(file))).orElse("");
  }
}
